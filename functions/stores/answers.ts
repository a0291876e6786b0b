import type { Event } from "../event/event.ts";
import { type Json, jsonOf } from "./driver-rows.ts";
import { type RunName, runKey } from "./run-key.ts";
import type { Appended, RunControl } from "./store.ts";

/** What several requests that were appended together are answered, each for itself. */
export class Answers {
  readonly all: Appended[];
  readonly #requests: readonly (readonly Event[])[];

  constructor(requests: readonly (readonly Event[])[]) {
    this.#requests = requests;
    this.all = requests.map(() => ({ accepted: 0, duplicates: 0, conflicts: [], control: [] }));
  }

  countAccepted(request: number): void {
    this.#of(request).accepted += 1;
  }

  /** @param same the event that stands there already has the same body */
  countStanding(request: number, event: Event, same: boolean): void {
    if (same) this.#of(request).duplicates += 1;
    else this.#of(request).conflicts.push(event.id);
  }

  countPurged(request: number, event: Event): void {
    const answer = this.#of(request);
    answer.purged = [...(answer.purged ?? []), event.id];
  }

  /** Tells each request what is asked of its runs: nothing where `asked` does not name the run. */
  tellControl(asked: readonly RunControl[], isUnknown: (run: RunName) => boolean = () => false): void {
    const known = new Map(asked.map((one) => [runKey(one), one]));
    this.#requests.forEach((events, request) => {
      for (const { project, run } of runsOf(events)) {
        if (isUnknown({ project, run })) continue;
        this.#of(request).control.push(known.get(runKey({ project, run })) ?? { project, run, stop: null });
      }
    });
  }

  #of(request: number): Appended {
    return this.all[request] as Appended;
  }
}

/** Lists the runs of events, each once, in the order of their first event. */
export function runsOf(events: readonly Event[]): RunName[] {
  const runs = new Map<string, RunName>();
  let last: Event | undefined;
  for (const event of events) {
    // Most events are of the same run as the one before.
    if (event.run === last?.run && event.project === last.project) continue;
    last = event;
    const key = runKey(event);
    if (!runs.has(key)) runs.set(key, { project: event.project, run: event.run });
  }
  return [...runs.values()];
}

/** A row that tells one thing that is asked of a run, as the drivers give it. */
export interface ControlRow extends RunName {
  /** null where nothing is asked. */
  kind: "stop_requested" | "adjust_requested" | null;
  event_id: string;
  actor: string | null;
  at: string;
  /** null where a request came without any, as copies of other stores may. */
  logs: Json<{ reason?: string; name?: string; value?: number } | null> | null;
}

/** Gathers the rows of each run. */
export function toControl(rows: readonly ControlRow[]): RunControl[] {
  const runs = new Map<string, RunControl>();
  for (const { project, run, kind, event_id, actor, at, logs } of rows) {
    const key = runKey({ project, run });
    const control = runs.get(key) ?? { project, run, stop: null };
    runs.set(key, control);
    if (kind === null) continue;
    const { reason = null, name = "", value = 0 } = (logs === null ? null : jsonOf(logs)) ?? {};
    const asked = { event_id, actor, reason, at };
    if (kind === "stop_requested") control.stop = asked;
    else control.adjust = { ...control.adjust, [name]: { ...asked, value } };
  }
  return [...runs.values()];
}
