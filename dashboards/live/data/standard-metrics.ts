import type { DashboardInput } from "../../spec.ts";
import { trainingRows } from "../../training-rows.ts";

type Panel = DashboardInput["rows"][number]["panels"][number];

/** The metrics that the dashboard `training` has a panel of these kinds for, in its order. */
export function metricsOfPanels(panels: readonly Panel[], kinds: readonly Panel["kind"][]): string[] {
  const metrics = panels.flatMap((panel) => {
    if (panel.kind === "text" || !kinds.includes(panel.kind)) return [];
    const { metric, level } = panel.where ?? {};
    // What counts points is no value of the metric.
    const isValue = panel.kind !== "number" || panel.measure === "newest_last";
    return typeof metric === "string" && level === "epoch" && isValue ? [metric] : [];
  });
  return [...new Set(metrics)];
}

const panels: readonly Panel[] = trainingRows.flatMap((row): readonly Panel[] => row.panels);

/** Whose charts stand first: those with a line of their own. */
export const LINE_METRICS: readonly string[] = metricsOfPanels(panels, ["line"]);

/** What the gauges show where a run has it: the values at the head of the dashboard. */
export const GAUGE_METRICS: readonly string[] = metricsOfPanels(panels, ["gauge", "number"]);
