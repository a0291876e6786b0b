import type { Level, RunWithSummary, Series, Split, StreamedEvent } from "../../../functions/stores/store.ts";
import { pointsOf } from "./event-points.ts";
import { numberOf } from "./numbers.ts";
import { epochRow } from "./summary-rows.ts";
import { isNewest, type Newest } from "./writers-order.ts";

/** The newest value of a metric and where in the run it lies. */
export interface Latest {
  value: number;
  level: Level;
  epoch: number | null;
  step: number | null;
  batch: number | null;
}

/**
 * Where in a run its newest events lie. Epochs are as the client counts them, most often from 0.
 */
export interface Coordinates {
  /** The first and the last epoch that ended. */
  firstEnded: number | null;
  lastEnded: number | null;
  /** The epoch and step under way. */
  epoch: number | null;
  step: number | null;
}

/** What the stream told of one run. */
interface Told {
  newest: Newest;
  values: Map<string, Latest>;
  epoch: number | null;
  lastEnded: number | null;
  step: number | null;
}

/** What was read of one run: the epochs of its series, and its last step. */
interface Read {
  firstEnded: number | null;
  step: number | null;
  /** The last epoch of each metric. */
  epochs: Map<string, number>;
}

const highest = (values: Iterable<number>): number | null => {
  const all = [...values];
  return all.length === 0 ? null : Math.max(...all);
};

const newTold = (): Told => ({ newest: new Map(), values: new Map(), epoch: null, lastEnded: null, step: null });

export type LatestValues = ReturnType<typeof createLatest>;

/**
 * The newest values the stream has brought, whatever charts are open: the gauges show them between
 * epochs.
 */
export function createLatest() {
  const runs = new Map<string, Told>();
  const reads = new Map<string, Read>();
  const metricKey = (metric: string, split: Split) => `${metric}\n${split}`;

  return {
    take(event: StreamedEvent) {
      const epoch = numberOf(event.epoch) ?? null;
      const step = numberOf(event.step) ?? null;
      const batch = numberOf(event.batch) ?? null;
      const told = runs.get(event.run) ?? newTold();
      runs.set(event.run, told);
      if (epoch !== null && isNewest(told.newest, "epoch", event)) told.epoch = epoch;
      if (epoch !== null && event.kind === "on_epoch_end" && isNewest(told.newest, "ended", event))
        told.lastEnded = epoch;
      if (step !== null && isNewest(told.newest, "step", event)) told.step = step;
      for (const { metric, split, level, value } of pointsOf(event)) {
        const key = metricKey(metric, split);
        if (isNewest(told.newest, `metric ${key}`, event)) told.values.set(key, { value, level, epoch, step, batch });
      }
    },
    /**
     * Takes a run's series by epoch and by step as they were read, with or without points between.
     */
    read(run: string, byEpoch: readonly Series[], byStep: readonly Series[]) {
      const ends = byEpoch.filter(({ x }) => x.length > 0);
      const firsts = ends.map(({ x }) => x[0]!);
      reads.set(run, {
        firstEnded: firsts.length === 0 ? null : Math.min(...firsts),
        step: highest(byStep.flatMap(({ x }) => x.slice(-1))),
        epochs: new Map(ends.map(({ metric, split, x }) => [metricKey(metric, split), x.at(-1)!])),
      });
    },
    forget(run: string) {
      runs.delete(run);
      reads.delete(run);
    },
    clear() {
      runs.clear();
      reads.clear();
    },
    coordinates(run: string): Coordinates {
      const told = runs.get(run) ?? newTold();
      const read = reads.get(run);
      const lastEnded = told.lastEnded ?? highest(read?.epochs.values() ?? []);
      return {
        firstEnded: read?.firstEnded ?? null,
        lastEnded,
        epoch: told.epoch ?? lastEnded,
        step: told.step ?? read?.step ?? null,
      };
    },
    /** What was streamed, else what the run's summary says. */
    of(run: RunWithSummary, metric: string, split: Split): Latest | null {
      const streamed = runs.get(run.run)?.values.get(metricKey(metric, split));
      if (streamed) return streamed;
      const row = epochRow(run.summary, metric, split);
      const value = row === null ? undefined : numberOf(row.last);
      if (value === undefined) return null;
      const epoch = row!.level === "epoch" ? reads.get(run.run)?.epochs.get(metricKey(metric, split)) : undefined;
      return { value, level: row!.level, epoch: epoch ?? null, step: null, batch: null };
    },
  };
}
