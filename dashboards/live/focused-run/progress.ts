import type { RunWithSummary } from "../../../functions/stores/store.ts";
import type { Coordinates } from "../data/latest-values.ts";
import { durationOf } from "../runs/order.ts";

/** How far a run has come. */
export interface Progress {
  /** Epochs that ended, of how many; null where it is not known. */
  done: number | null;
  epochs: number | null;
  step: number | null;
  elapsedMs: number;
  leftMs: number | null;
}

/** Reads progress from where the newest events lie, never from how many points there are. */
export function progressOf(run: RunWithSummary, coordinates: Coordinates, now = Date.now()): Progress {
  const { firstEnded, lastEnded, step } = coordinates;
  const epochs = typeof run.params.epochs === "number" ? run.params.epochs : null;
  // Most clients count from 0; one whose first epoch is 1 counts from there.
  const done = lastEnded === null ? null : lastEnded + (firstEnded === 1 ? 0 : 1);
  // A run that was resumed from a checkpoint did not spend its time on the epochs before.
  const own = done === null ? 0 : done - (firstEnded !== null && firstEnded > 1 ? firstEnded : 0);
  const elapsedMs = durationOf(run, now);
  const isUnderWay = run.state === "running" && epochs !== null && done !== null && own > 0 && done < epochs;
  return { done, epochs, step, elapsedMs, leftMs: isUnderWay ? (elapsedMs / own) * (epochs - done) : null };
}
