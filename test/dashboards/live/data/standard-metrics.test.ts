import { expect, test } from "vitest";
import { gaugeMetrics, orderMetrics } from "../../../../dashboards/live/data/metric-names.ts";
import { GAUGE_METRICS, LINE_METRICS, metricsOfPanels } from "../../../../dashboards/live/data/standard-metrics.ts";
import { shippedDashboards } from "../../../../dashboards/shipped.ts";
import { panelsOf } from "../../../../dashboards/spec.ts";

test("the page's own gauges and lines are those of the training dashboard", () => {
  const panels = panelsOf(shippedDashboards([])[0]!);
  expect(metricsOfPanels(panels, ["line"])).toEqual(LINE_METRICS);
  expect(metricsOfPanels(panels, ["gauge", "number"])).toEqual(GAUGE_METRICS);
  expect([LINE_METRICS, GAUGE_METRICS]).toEqual([
    ["accuracy", "loss"],
    ["accuracy", "loss"],
  ]);
  expect(orderMetrics(["zeta", ...[...LINE_METRICS].reverse()])).toEqual([...LINE_METRICS, "zeta"]);
  expect(gaugeMetrics(["zeta", ...[...GAUGE_METRICS].reverse()])).toEqual(GAUGE_METRICS.slice(0, 2));
});

test("a panel that is added counts, and one that counts points does not", () => {
  const common = { title: "A title", width: 3, dataset: "run_metrics" };
  const line = {
    ...common,
    kind: "line",
    key: "f1",
    where: { level: "epoch", metric: "f1" },
    x: "epoch",
    measure: "value_max",
  } as const;
  const points = {
    ...common,
    kind: "number",
    key: "n",
    where: { level: "epoch", metric: "lr" },
    measure: "newest_points",
  } as const;
  expect(metricsOfPanels([line, points], ["line", "number"])).toEqual(["f1"]);
  expect(metricsOfPanels([{ ...line, where: { level: "batch", metric: "f1" } }], ["line"])).toEqual([]);
});
