import type { Level, RunWithSummary, Split, StreamedEvent } from "../../functions/stores/store.ts";
import { pointsOf } from "./event-points.ts";
import { numberOf } from "./values.ts";

/** The newest value of a metric and where in the run it lies. */
export interface Latest {
  value: number;
  level: Level;
  epoch: number | null;
  step: number | null;
  batch: number | null;
}

export type LatestValues = ReturnType<typeof createLatest>;

/** The newest values the stream has brought, whatever charts are open: the gauges show them between epochs. */
export function createLatest() {
  const values = new Map<string, Latest>();
  const places = new Map<string, { epoch: number | null; step: number | null }>();
  const keyOf = (run: string, metric: string, split: Split) => [run, metric, split].join("\n");

  return {
    take(event: StreamedEvent) {
      const [epoch, step, batch] = [
        numberOf(event.epoch) ?? null,
        numberOf(event.step) ?? null,
        numberOf(event.batch) ?? null,
      ];
      if (epoch !== null || step !== null) {
        const place = places.get(event.run);
        places.set(event.run, { epoch: epoch ?? place?.epoch ?? null, step: step ?? place?.step ?? null });
      }
      for (const { metric, split, level, value } of pointsOf(event)) {
        values.set(keyOf(event.run, metric, split), { value, level, epoch, step, batch });
      }
    },
    forget(run: string) {
      places.delete(run);
      for (const key of values.keys()) if (key.startsWith(`${run}\n`)) values.delete(key);
    },
    place: (run: string) => places.get(run) ?? null,
    /** What was streamed, else what the run's summary says. */
    of(run: RunWithSummary, metric: string, split: Split): Latest | null {
      const streamed = values.get(keyOf(run.run, metric, split));
      if (streamed) return streamed;
      const rows = run.summary.filter((row) => row.metric === metric && row.split === split);
      const row = rows.find((one) => one.level === "epoch") ?? rows[0];
      const value = row && numberOf(row.last);
      return value === undefined ? null : { value, level: row!.level, epoch: null, step: null, batch: null };
    },
  };
}
