import type { Event } from "../../event/event.ts";
import { type ControlRow, toControl } from "../answers.ts";
import { runKey } from "../run-key.ts";
import type { RunControl } from "../store.ts";
import type { Ask } from "./statements.ts";

/** A request that nobody answered for so long has nobody to answer it. */
const LOOK_BACK_MS = 30 * 24 * 3_600_000;
const MOST = 10_000;

export interface ControlCache {
  /** What is asked of these runs; runs without events are absent. */
  read(project: string, runs: readonly string[]): Promise<RunControl[]>;
  /** These events were appended here, and may change what is asked. */
  forget(events: readonly Event[]): void;
}

const TURNS = new Set(["stop_requested", "adjust_requested", "on_train_begin", "on_train_end", "end_marked"]);

/**
 * Every append tells what is asked of its runs, and asking the log each time would cost a query
 * each time: an answer holds for `keepMs`, within which what another process was asked is not seen.
 */
export function openControlCache(ask: Ask, keepMs: number): ControlCache {
  const kept = new Map<string, { control: RunControl; until: number }>();
  const forgotten = new Map<string, number>();

  const fetch = async (project: string, runs: string[]): Promise<RunControl[]> => {
    const begun = performance.now();
    const since = (Date.now() - LOOK_BACK_MS) * 1000;
    const asked = toControl(await ask<ControlRow>("control", { project, runs, since }));
    if (kept.size > MOST) kept.clear();
    for (const control of asked) {
      const key = runKey(control);
      if ((forgotten.get(key) ?? 0) < begun) kept.set(key, { control, until: begun + keepMs });
    }
    return asked;
  };

  return {
    async read(project, runs) {
      const now = performance.now();
      const known: RunControl[] = [];
      const missing: string[] = [];
      for (const run of runs) {
        const entry = kept.get(runKey({ project, run }));
        if (entry !== undefined && entry.until > now) known.push(entry.control);
        else missing.push(run);
      }
      return missing.length === 0 ? known : [...known, ...(await fetch(project, missing))];
    },
    forget(events) {
      for (const { project, run, kind } of events) {
        if (!TURNS.has(kind)) continue;
        if (forgotten.size > MOST) forgotten.clear();
        const key = runKey({ project, run });
        kept.delete(key);
        forgotten.set(key, performance.now());
      }
    },
  };
}
