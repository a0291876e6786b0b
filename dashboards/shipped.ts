import { customMetrics } from "../functions/stores/custom-metrics.ts";
import { metricLines } from "./datasets.ts";
import { governance } from "./governance.ts";
import { readSpec } from "./read-spec.ts";
import type { DashboardInput, DashboardSpec } from "./spec.ts";
import { training } from "./training.ts";

/** Every dashboard that ships: one of your own is a file and a line here. */
const dashboards: Record<string, DashboardInput> = { training, governance };

/**
 * The shipped dashboards.
 * @param customMetrics names of the views that the files in dashboards/metrics/ have become: each
 * is a chart of its own
 */
export function shippedDashboards(customMetrics: readonly string[]): DashboardSpec[] {
  return Object.entries(dashboards).map(([name, spec]) => {
    const whole = spec === training ? withCustomMetrics(spec, customMetrics) : spec;
    return readSpec(whole, `dashboards/${name}.ts`);
  });
}

/** The dashboards that ship, with a chart for each custom metric. */
export function standardDashboards(): DashboardSpec[] {
  return shippedDashboards(customMetrics().map(({ name }) => name));
}

/** Adds a line by epoch for each custom metric, two in a row. */
export function withCustomMetrics(spec: DashboardInput, names: readonly string[]): DashboardInput {
  const panels = names.map((name) => ({
    kind: "line" as const,
    key: `metric-${name.replaceAll("_", "-")}`,
    title: titleOf(name),
    description: `Of dashboards/metrics/${name}.sql.`,
    width: 6,
    dataset: name,
    where: { level: "epoch" },
    x: "epoch",
    measure: "value_max",
    by: ["run", "metric", "split"],
  }));
  const rows = panels.flatMap((_, index) =>
    index % 2 === 0 ? [{ height: 400, panels: panels.slice(index, index + 2) }] : [],
  );
  return {
    ...spec,
    datasets: {
      ...spec.datasets,
      ...Object.fromEntries(names.map((name) => [name, { ...metricLines, view: name }])),
    },
    rows: [...spec.rows, ...rows],
  };
}

/** generalisation_gap: Generalisation gap. */
function titleOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
