/**
 * The panels of `training.ts`. They import nothing, so that the live page has them too: what its
 * own gauges and lines show first stands here.
 */
import type { DashboardInput } from "./spec.ts";

const epochs = { level: "epoch" } as const;

type Panel = DashboardInput["rows"][number]["panels"][number];

/** A gauge of the paper's Figure 3. */
const accuracyGauge = (key: string, title: string, split: string): Panel => ({
  kind: "gauge",
  key,
  title,
  description: "The last value of the newest run among those chosen.",
  width: 3,
  dataset: "run_metrics",
  where: { ...epochs, metric: "accuracy", split },
  measure: "newest_last",
  min: 0,
  max: 1,
  bands: [
    { to: 0.5, means: "bad" },
    { to: 0.8, means: "fair" },
    { to: 1, means: "good" },
  ],
});

/** A metric of the runs chosen as lines over their epochs. */
const byEpoch = (metric: string, title: string) =>
  ({
    kind: "line",
    key: `${metric}-by-epoch`,
    title,
    width: 6,
    dataset: "metric_lines",
    where: { ...epochs, metric },
    x: "epoch",
    measure: "value_max",
    by: ["run", "split"],
  }) as const satisfies Panel;

export const trainingRows = [
  {
    height: 300,
    panels: [
      accuracyGauge("accuracy-validation", "Accuracy, validation", "validation"),
      accuracyGauge("accuracy-train", "Accuracy, train", "train"),
      {
        kind: "number",
        key: "loss-validation",
        title: "Loss, validation",
        width: 2,
        dataset: "run_metrics",
        where: { ...epochs, metric: "loss", split: "validation" },
        measure: "newest_last",
        subtitle: "last of the newest run",
      },
      {
        kind: "number",
        key: "epochs-done",
        title: "Epochs",
        width: 2,
        dataset: "run_metrics",
        where: { ...epochs, metric: "loss", split: "train" },
        measure: "newest_points",
        subtitle: "done by the newest run",
        format: "integer",
      },
      {
        kind: "number",
        key: "runs-running",
        title: "Running",
        width: 2,
        dataset: "runs",
        where: { state: "running" },
        measure: "runs",
        subtitle: "runs now",
        format: "integer",
      },
    ],
  },
  {
    height: 400,
    panels: [{ ...byEpoch("accuracy", "Accuracy by epoch"), min: 0, max: 1 }, byEpoch("loss", "Loss by epoch")],
  },
  {
    height: 400,
    panels: [
      {
        kind: "line",
        key: "metrics-by-epoch",
        title: "Every metric by epoch",
        description: "Choose metrics and runs above.",
        width: 8,
        dataset: "metric_lines",
        where: epochs,
        x: "epoch",
        measure: "value_max",
        by: ["run", "metric", "split"],
      },
      {
        kind: "distribution",
        key: "accuracy-spread",
        title: "Best accuracy of runs",
        description: "How many runs came how far, on validation.",
        width: 4,
        dataset: "run_metrics",
        where: { ...epochs, metric: "accuracy", split: "validation" },
        column: "best",
      },
    ],
  },
  {
    height: 400,
    panels: [
      {
        kind: "compare",
        key: "accuracy-compared",
        title: "Best accuracy, run by run",
        width: 6,
        dataset: "run_metrics",
        where: { ...epochs, metric: "accuracy", split: "validation" },
        by: "run",
        measure: "best_of_run",
      },
      {
        kind: "compare",
        key: "loss-compared",
        title: "Lowest loss, run by run",
        width: 6,
        dataset: "run_metrics",
        where: { ...epochs, metric: "loss", split: "validation" },
        by: "run",
        measure: "best_of_run",
      },
    ],
  },
  {
    height: 400,
    panels: [
      {
        kind: "table",
        key: "last-values",
        title: "Last values",
        description: "With what no chart can draw: NaN and infinities as they were sent.",
        width: 12,
        dataset: "run_metrics",
        columns: [
          "project",
          "name",
          "metric",
          "split",
          "level",
          "points",
          "first_text",
          "last_text",
          "best",
          "min",
          "max",
          "started_at",
        ],
        sort: { column: "started_at", descending: true },
        rows: 1_000,
      },
    ],
  },
  {
    height: 400,
    panels: [
      {
        kind: "table",
        key: "runs",
        title: "Runs",
        width: 12,
        dataset: "runs",
        where: { archived: false },
        columns: ["project", "name", "run", "state", "started_at", "ended_at", "last_event_at", "note", "params_text"],
        sort: { column: "started_at", descending: true },
        rows: 1_000,
      },
    ],
  },
] satisfies DashboardInput["rows"];
