import { metricLines, metricNames, runMetrics, runs } from "./datasets.ts";
import type { DashboardInput } from "./spec.ts";
import { trainingRows } from "./training-rows.ts";

/** Figure 3 of the paper, and what else a person wants to see while a run trains. */
export const training = {
  version: 1,
  key: "training",
  title: "Training",
  description: "What runs do while they train: how good they are by now, how they got there and which one is best.",
  datasets: { runs, metric_lines: metricLines, metric_names: metricNames, run_metrics: runMetrics },
  filters: [
    { column: "project", label: "Project", dataset: "runs" },
    { column: "run", label: "Run", dataset: "runs", within: ["project"] },
    { column: "metric", label: "Metric", dataset: "metric_names", within: ["project", "run"] },
    { column: "split", label: "Split", dataset: "metric_names" },
    { column: "level", label: "Level", dataset: "metric_names" },
  ],
  rows: trainingRows,
} satisfies DashboardInput;
