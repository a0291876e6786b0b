import type { Event } from "../../../event/event.ts";
import { LEVELS } from "../../metric-keys.ts";
import { type RunName, runKey } from "../../run-key.ts";
import type { Sealed } from "./seal.ts";
import { WINDOW_EVENTS } from "./window.ts";

export interface SealerOptions {
  /** Seals one window; `sealed` is 0 where there was none, or another session was quicker. */
  seal: (run: RunName, how: { all: boolean }) => Promise<Sealed>;
  /** Told of what failed; the run is read from the log meanwhile. */
  report: (error: unknown) => void;
  random?: () => number;
}

export interface Sealer {
  /** Events that are stored and acknowledged. */
  saw(events: readonly Event[]): void;
  /** A run whose tail is long. */
  request(project: string, run: string): void;
  /** Whether a run has a tail so long that it should be sealed before it grows. */
  isBehind(): boolean;
  /** Resolves when nothing is under way or planned. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Sealing may fall behind a burst by so much of a run; then appends make room for it. */
const BEHIND_EVENTS = 50 * WINDOW_EVENTS;
const RUNS_KNOWN = 10_000;
const RUNS_WAITING = 1_000;
/**
 * By then transactions that were open beside the last event have mostly ended, and it is below the
 * horizon.
 */
const PAUSE_MS = 100;

/**
 * Has runs sealed as their tails grow, without a background process that would have to be kept
 * alive: each process counts the metric events that it stored of a run and has it sealed at every
 * 1,000. The count of a run begins at random, so that processes which live for a few events seal as
 * often all together. One window at a time, after the acknowledgement; a run that is forgotten
 * because there are too many comes back with its next events.
 */
export function createSealer({ seal, report, random = Math.random }: SealerOptions): Sealer {
  const unsealed = new Map<string, RunName & { events: number }>();
  const waiting = new Map<string, { of: RunName; all: boolean }>();
  let working: Promise<void> | null = null;
  let isBehind = false;
  let isClosed = false;

  return {
    saw(events) {
      for (const { project, run, kind } of events) {
        if (kind === "on_train_end") plan({ project, run }, true);
        if (LEVELS[kind] === undefined) continue;
        const known = countOf({ project, run });
        known.events += 1;
        if (known.events >= WINDOW_EVENTS) plan(known, false);
        if (isLong(known.events)) isBehind = true;
      }
    },
    isBehind: () => isBehind,
    request(project, run) {
      countOf({ project, run }).events = Number.POSITIVE_INFINITY;
      plan({ project, run }, false);
    },
    async idle() {
      while (working !== null) await working;
    },
    async close() {
      isClosed = true;
      waiting.clear();
      await working;
    },
  };

  function countOf({ project, run }: RunName) {
    const key = runKey({ project, run });
    const known = unsealed.get(key);
    if (known !== undefined) return known;
    if (unsealed.size >= RUNS_KNOWN) unsealed.delete(unsealed.keys().next().value as string);
    const fresh = { project, run, events: Math.floor(random() * WINDOW_EVENTS) };
    unsealed.set(key, fresh);
    return fresh;
  }

  function plan({ project, run }: RunName, all: boolean): void {
    const key = runKey({ project, run });
    const planned = waiting.get(key);
    if (isClosed || (planned === undefined && waiting.size >= RUNS_WAITING)) return;
    waiting.set(key, { of: { project, run }, all: all || (planned?.all ?? false) });
    working ??= work().finally(() => {
      working = null;
    });
  }

  /**
   * Of a run that a reader asked for it is not known how long its tail is: infinitely, until it has
   * been sealed.
   */
  function isLong(events: number): boolean {
    return events >= BEHIND_EVENTS && Number.isFinite(events);
  }

  async function work(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE_MS).unref();
      });
      for (const [key, { of, all }] of waiting) {
        waiting.delete(key);
        try {
          const { sealed, left, isWhole } = await seal(of, { all });
          const count = countOf(of);
          count.events = isWhole ? Math.max(left, count.events - sealed) : left;
          if (sealed > 0 && isWhole && (all || count.events >= WINDOW_EVENTS)) plan(of, all);
        } catch (error) {
          unsealed.delete(key);
          report(error);
        }
        isBehind = [...waiting.values()].some((one) => isLong(countOf(one.of).events));
      }
      if (waiting.size === 0) return;
    }
  }
}
