import { describe, expect, test } from "vitest";
import { applyEvent } from "../../../../dashboards/live/data/run-events.ts";
import { columnsOfRun, createMetricColumns } from "../../../../dashboards/live/runs/metric-columns.ts";
import { rowOf, runOf, streamedEvent } from "../data/events.ts";

const event = (epoch: number, logs: Record<string, number>) => streamedEvent({ epoch, seq: epoch, logs });

describe("metric columns", () => {
  test("are the same list until a run has a metric more", () => {
    const runs = ["a", "b"].map((run) => runOf({ run, summary: [] }));
    const columns = createMetricColumns();
    for (const run of runs) applyEvent(run, event(0, { loss: 1, val_loss: 2 }), new Map());
    const first = columns(runs);
    expect(first.map(({ label }) => label)).toEqual(["loss", "val loss"]);
    applyEvent(runs[0]!, event(1, { loss: 0.5 }), new Map());
    expect(columns(runs)).toBe(first);
    expect(columnsOfRun(runs[0]!)).toBe(columnsOfRun(runs[0]!));
    applyEvent(runs[1]!, event(1, { f1: 0.5 }), new Map());
    expect(columns(runs).map(({ label }) => label)).toEqual(["loss", "val loss", "f1"]);
  });

  test("of thousands of metrics in many runs take steps that grow with their number, not its square", () => {
    let reads = 0;
    const summaryOf = () =>
      Array.from({ length: 2000 }, (_, i) =>
        Object.defineProperty(rowOf({ lower_is_better: null }), "metric", {
          get() {
            reads++;
            return `metric_${i}`;
          },
        }),
      );
    const runs = Array.from({ length: 20 }, (_, i) => runOf({ run: `r${i}`, summary: summaryOf() }));
    const columns = createMetricColumns();
    expect(columns(runs)).toHaveLength(2000);
    expect(reads).toBeLessThanOrEqual(3 * 20 * 2000);
    reads = 0;
    columns(runs);
    applyEvent(runs[0]!, event(1, { metric_7: 2 }), new Map());
    expect(runs[0]!.summary).toHaveLength(2000);
    expect(reads).toBeLessThanOrEqual(3 * 2000);
    reads = 0;
    applyEvent(runs[0]!, event(2, { metric_7: 3, metric_8: 3 }), new Map());
    columns(runs);
    expect(reads).toBe(0);
  });
});
