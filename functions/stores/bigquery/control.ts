import type { Event } from "../../event/event.ts";
import { type Control, controlKey } from "../store.ts";
import type { Ask } from "./statements.ts";

/** A request to stop that nobody answered for so long has nobody to answer it. */
const LOOK_BACK_MS = 30 * 24 * 3_600_000;
const MOST = 10_000;

export interface ControlCache {
  /** What is asked of these runs; runs without events are absent. */
  read(project: string, runs: readonly string[]): Promise<Map<string, Control>>;
  /** These events were appended here, and may change what is asked. */
  forget(events: readonly Event[]): void;
}

const TURNS = new Set(["stop_requested", "on_train_begin", "on_train_end"]);

interface ControlRow {
  run: string;
  event_id: string | null;
  actor: string | null;
  reason: string | null;
  at: string;
}

/**
 * Every append tells what is asked of its runs, and asking the log each time would cost a query
 * each time: an answer holds for `keepMs`, within which what another process was asked is not seen.
 */
export function openControlCache(ask: Ask, keepMs: number): ControlCache {
  const kept = new Map<string, { control: Control; until: number }>();
  const forgotten = new Map<string, number>();

  const fetch = async (project: string, runs: string[]): Promise<Map<string, Control>> => {
    const begun = performance.now();
    const since = (Date.now() - LOOK_BACK_MS) * 1000;
    const rows = await ask<ControlRow>("control", { project, runs, since });
    if (kept.size > MOST) kept.clear();
    return new Map(
      rows.map((row) => {
        const control = controlOf(row);
        const key = controlKey(project, row.run);
        if ((forgotten.get(key) ?? 0) < begun) kept.set(key, { control, until: begun + keepMs });
        return [row.run, control];
      }),
    );
  };

  return {
    async read(project, runs) {
      const now = performance.now();
      const known = new Map<string, Control>();
      for (const run of runs) {
        const entry = kept.get(controlKey(project, run));
        if (entry !== undefined && entry.until > now) known.set(run, entry.control);
      }
      const missing = runs.filter((run) => !known.has(run));
      if (missing.length > 0) for (const [run, control] of await fetch(project, missing)) known.set(run, control);
      return known;
    },
    forget(events) {
      for (const { project, run, kind } of events) {
        if (!TURNS.has(kind)) continue;
        if (forgotten.size > MOST) forgotten.clear();
        const key = controlKey(project, run);
        kept.delete(key);
        forgotten.set(key, performance.now());
      }
    },
  };
}

function controlOf({ event_id, actor, reason, at }: ControlRow): Control {
  return { stop: event_id === null ? null : { event_id, actor, reason, at } };
}
