import type { Level, RunWithSummary, Split, StreamedEvent } from "../../../functions/stores/store.ts";
import { pointsOf } from "./event-points.ts";
import { numberOf } from "./numbers.ts";
import { isNewest, type Newest } from "./writers-order.ts";

/** The newest value of a metric and where in the run it lies. */
export interface Latest {
  value: number;
  level: Level;
  epoch: number | null;
  step: number | null;
  batch: number | null;
}

/** What the stream told of one run. */
interface Told {
  newest: Newest;
  values: Map<string, Latest>;
  epoch: number | null;
  step: number | null;
}

export type LatestValues = ReturnType<typeof createLatest>;

/**
 * The newest values the stream has brought, whatever charts are open: the gauges show them between
 * epochs.
 */
export function createLatest() {
  const runs = new Map<string, Told>();
  const metricKey = (metric: string, split: Split) => `${metric}\n${split}`;

  return {
    take(event: StreamedEvent) {
      const epoch = numberOf(event.epoch) ?? null;
      const step = numberOf(event.step) ?? null;
      const batch = numberOf(event.batch) ?? null;
      const told = runs.get(event.run) ?? { newest: new Map(), values: new Map(), epoch: null, step: null };
      runs.set(event.run, told);
      if (epoch !== null && isNewest(told.newest, "epoch", event)) told.epoch = epoch;
      if (step !== null && isNewest(told.newest, "step", event)) told.step = step;
      for (const { metric, split, level, value } of pointsOf(event)) {
        const key = metricKey(metric, split);
        if (isNewest(told.newest, `metric ${key}`, event)) told.values.set(key, { value, level, epoch, step, batch });
      }
    },
    forget: (run: string) => runs.delete(run),
    clear: () => runs.clear(),
    coordinates: (run: string): { epoch: number | null; step: number | null } => {
      const { epoch, step } = runs.get(run) ?? { epoch: null, step: null };
      return { epoch, step };
    },
    /** What was streamed, else what the run's summary says. */
    of(run: RunWithSummary, metric: string, split: Split): Latest | null {
      const streamed = runs.get(run.run)?.values.get(metricKey(metric, split));
      if (streamed) return streamed;
      const rows = run.summary.filter((row) => row.metric === metric && row.split === split);
      const row = rows.find((one) => one.level === "epoch") ?? rows[0];
      const value = row && numberOf(row.last);
      return value === undefined ? null : { value, level: row!.level, epoch: null, step: null, batch: null };
    },
  };
}
