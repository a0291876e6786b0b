import type { Asked } from "../../functions/stores/store.ts";
import type { Coordinates, Logs } from "./client-api.ts";

/** What the answers to adjustments are given to. */
export interface AdjustmentsContext {
  run: string;
  /** Writes an event. */
  answer(kind: "adjust_applied" | "adjust_refused", at: Coordinates | undefined, logs: Logs): void;
  /** Says something in one line. */
  tell(message: string): void;
}

type Adjustment = Asked & { name: string; value: number };

/** Other values that were asked of one run, and what came of each. */
export class Adjustments {
  readonly #context: AdjustmentsContext;
  /** Not answered yet, by name. */
  readonly #open = new Map<string, Adjustment>();
  /**
   * What was told last to whoever sets it: an answer is to that, though a newer one may have come.
   */
  readonly #handed = new Map<string, Adjustment>();
  readonly #seen = new Set<string>();

  constructor(context: AdjustmentsContext) {
    this.#context = context;
  }

  requested(name: string): number | null {
    const asked = this.#open.get(name);
    if (asked === undefined) return null;
    this.#handed.set(name, asked);
    return asked.value;
  }

  applied(name: string, value: number, at?: Coordinates): void {
    this.#answer("adjust_applied", this.#asked(name), { applied: value }, at);
  }

  refused(name: string, why: string, at?: Coordinates): void {
    this.#refuse(this.#asked(name), why, at);
  }

  /** The run ends: nobody will set what is open. */
  refuseAll(why: string): void {
    for (const asked of [...this.#open.values()]) this.#refuse(asked, why);
  }

  /** Takes in what the server says is asked for, by name. What was known before stays as it is. */
  take(told: unknown): void {
    if (typeof told !== "object" || told === null) return;
    for (const [name, said] of Object.entries(told as Record<string, { value?: unknown } | null>)) {
      const asked = toAsked(said);
      const value = said?.value;
      if (asked === null || typeof value !== "number" || this.#seen.has(asked.event_id)) continue;
      this.#seen.add(asked.event_id);
      this.#refuse(this.#open.get(name), "another value was asked for since");
      this.#open.set(name, { ...asked, name, value });
      const [by, why] = [asked.actor ?? "somebody", asked.reason ?? "no reason given"];
      this.#context.tell(`run ${this.#context.run} is asked for ${name} ${value} by ${by}: ${why}`);
    }
  }

  #asked(name: string): Adjustment | undefined {
    const asked = this.#handed.get(name) ?? this.#open.get(name);
    this.#handed.delete(name);
    return asked;
  }

  #refuse(asked: Adjustment | undefined, why: string, at?: Coordinates): void {
    if (this.#answer("adjust_refused", asked, { why }, at))
      this.#context.tell(`${asked?.name} ${asked?.value} was asked for and is not set: ${why}`);
  }

  /** Says what came of a request, unless it has been said. */
  #answer(
    kind: "adjust_applied" | "adjust_refused",
    asked: Adjustment | undefined,
    said: Logs,
    at: Coordinates | undefined,
  ): boolean {
    if (asked === undefined || this.#open.get(asked.name) !== asked) return false;
    const { event_id, name, value } = asked;
    this.#open.delete(name);
    this.#context.answer(kind, at, { adjust_event_id: event_id, name, value, ...said });
    return true;
  }
}

/** A request as an answer tells it; null where it makes no sense. */
export function toAsked(said: unknown): Asked | null {
  const { event_id, actor, reason, at } = (said ?? {}) as Partial<Record<keyof Asked, unknown>>;
  if (typeof event_id !== "string") return null;
  return { event_id, actor: textOrNull(actor), reason: textOrNull(reason), at: textOrNull(at) ?? "" };
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
