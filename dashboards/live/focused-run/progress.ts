import type { RunWithSummary } from "../../../functions/stores/store.ts";
import type { Feed } from "../data/feed.ts";
import { durationOf } from "../runs/order.ts";

/** How far a run has come. Epochs are counted from 0, so that of 12 done the last is 11. */
export interface Progress {
  epoch: number | null;
  step: number | null;
  /** Epochs done, and how many there are to be. */
  done: number;
  epochs: number | null;
  elapsedMs: number;
  leftMs: number | null;
}

const epochsOf = (run: RunWithSummary) =>
  Math.max(0, ...run.summary.filter((row) => row.level === "epoch").map((row) => row.points));

/** The summary's count of points tells the last epoch where the stream has not. */
export function lastEpoch(feed: Pick<Feed, "latest">, run: RunWithSummary): number | null {
  const { epoch } = feed.latest.coordinates(run.run);
  if (epoch !== null) return epoch;
  const points = epochsOf(run);
  return points > 0 ? points - 1 : null;
}

export function progressOf(feed: Pick<Feed, "latest">, run: RunWithSummary): Progress {
  const epochs = typeof run.params.epochs === "number" ? run.params.epochs : null;
  const done = epochsOf(run);
  const elapsedMs = durationOf(run);
  const isUnderWay = run.state === "running" && epochs !== null && done > 0 && done < epochs;
  return {
    epoch: lastEpoch(feed, run),
    step: feed.latest.coordinates(run.run).step,
    done,
    epochs,
    elapsedMs,
    leftMs: isUnderWay ? (elapsedMs / done) * (epochs - done) : null,
  };
}
