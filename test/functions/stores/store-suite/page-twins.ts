import { describe, expect, test } from "vitest";
import { pointsOf } from "../../../../dashboards/live/data/event-points.ts";
import { directionOf } from "../../../../dashboards/live/data/metric-names.ts";
import { applyEvent, newRun } from "../../../../dashboards/live/data/run-events.ts";
import type { Newest } from "../../../../dashboards/live/data/writers-order.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { METRIC_DIRECTIONS } from "../metric-directions.ts";
import type { Suite } from "./opened.ts";

const KEYS = [
  ...["val_loss", "test_loss", "val_", "test_", "val_val_loss", "test_val_loss", "VAL_loss", "val_accuracy"],
  ...["test_accuracy", "validate", "testing", "val_x\nloss", "val_test_", "val_err", "terror"],
  ...Object.values(METRIC_DIRECTIONS).flat(),
];

/** What the page derives of the events it streams, as the views derive it of the log. */
export function pageTests(suite: Suite): void {
  describe("the page's own rules", () => {
    test("which metric and split a key means, and which value of it is better", async () => {
      if (suite.opened.dialect === undefined) return;
      const project = suite.project("names");
      const logs = JSON.stringify(Object.fromEntries(KEYS.map((key, index) => [key, index])));
      const kinds = ["on_epoch_end", "on_train_batch_end", "on_test_batch_end"];
      await suite.store.append(kinds.map((kind) => sampleEvent({ project, kind, logs })));
      const streamed = await suite.settled(project, kinds.length);
      const { rows } = await suite.store.sql(
        `SELECT value, level, split, metric, lower_is_better FROM metrics WHERE project = '${project}'`,
      );
      const theirs = rows.map(([value, level, split, metric, low]) => [value, level, split, metric, low]);
      const ours = streamed
        .flatMap(pointsOf)
        .map(({ value, level, split, metric }) => [value, level, split, metric, directionOf(metric)]);
      expect(sorted(theirs)).toEqual(sorted(ours));
    });

    test("what a run is after its end", async () => {
      const project = suite.project("ends");
      const statuses = ["failed", "stopped", "finished", "other", "", null, 1];
      const ends = [...statuses.map((status) => JSON.stringify({ status })), "{}", null];
      const events = ends.flatMap((logs, index) => {
        const of = { project, run: `run-${index}`, writer: "w" };
        return [
          sampleEvent({ ...of, kind: "on_train_begin", seq: 1 }),
          sampleEvent({ ...of, kind: "on_train_end", seq: 2, logs }),
        ];
      });
      await suite.store.append(events);
      const streamed = await suite.settled(project, events.length);
      for (const run of ends.map((_, index) => `run-${index}`)) {
        const own = streamed.filter((event) => event.run === run);
        const page = newRun(project, own[0]!);
        const newest: Newest = new Map();
        for (const event of own) applyEvent(page, event, newest);
        expect(page.state, run).toBe((await suite.store.run(project, run))?.state);
      }
    });
  });
}

const sorted = (rows: unknown[][]) => rows.map((row) => JSON.stringify(row)).sort();
