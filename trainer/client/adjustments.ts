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

type Adjustment = Asked & { value: number };

/** Other values that were asked of one run, and what came of each. */
export class Adjustments {
  readonly #context: AdjustmentsContext;
  /** Not answered yet, by name. */
  readonly #open = new Map<string, Adjustment>();
  readonly #seen = new Set<string>();

  constructor(context: AdjustmentsContext) {
    this.#context = context;
  }

  requested(name: string): number | null {
    return this.#open.get(name)?.value ?? null;
  }

  applied(name: string, value: number, at?: Coordinates): void {
    this.#answer("adjust_applied", name, { applied: value }, at);
  }

  refused(name: string, why: string, at?: Coordinates): void {
    const asked = this.#answer("adjust_refused", name, { why }, at);
    if (asked) this.#context.tell(`${name} ${asked.value} was asked for and is not set: ${why}`);
  }

  /** The run ends: nobody will set what is open. */
  refuseAll(why: string): void {
    for (const name of [...this.#open.keys()]) this.refused(name, why);
  }

  /** Takes in what the server says is asked for, by name. What was known before stays as it is. */
  take(told: unknown): void {
    if (typeof told !== "object" || told === null) return;
    for (const [name, said] of Object.entries(told as Record<string, { value?: unknown } | null>)) {
      const asked = toAsked(said);
      const value = said?.value;
      if (asked === null || typeof value !== "number" || this.#seen.has(asked.event_id)) continue;
      this.#seen.add(asked.event_id);
      this.refused(name, "another value was asked for since");
      this.#open.set(name, { ...asked, value });
      const [by, why] = [asked.actor ?? "somebody", asked.reason ?? "no reason given"];
      this.#context.tell(`run ${this.#context.run} is asked for ${name} ${value} by ${by}: ${why}`);
    }
  }

  #answer(
    kind: "adjust_applied" | "adjust_refused",
    name: string,
    said: Logs,
    at: Coordinates | undefined,
  ): Adjustment | undefined {
    const asked = this.#open.get(name);
    if (asked === undefined) return undefined;
    this.#open.delete(name);
    this.#context.answer(kind, at, { adjust_event_id: asked.event_id, name, value: asked.value, ...said });
    return asked;
  }
}

/** A request as an answer tells it; null where it makes no sense. */
export function toAsked(said: unknown): Asked | null {
  const { event_id, actor, reason, at } = (said ?? {}) as Partial<Record<keyof Asked, unknown>>;
  if (typeof event_id !== "string") return null;
  return { event_id, actor: textOrNull(actor), reason: textOrNull(reason), at: textOrNull(at) ?? "" };
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
