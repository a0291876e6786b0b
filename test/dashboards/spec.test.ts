import { expect, test } from "vitest";
import { readSpec, SpecError } from "../../dashboards/read-spec.ts";
import { shippedDashboards, withCustomMetrics } from "../../dashboards/shipped.ts";
import { type DashboardInput, type PanelOf, panelsOf, SPEC_VERSION } from "../../dashboards/spec.ts";
import { training } from "../../dashboards/training.ts";
import { customMetrics } from "../../functions/stores/custom-metrics.ts";

const names = customMetrics().map(({ name }) => name);

test("the shipped dashboards are read, and are data: they go through JSON unchanged", () => {
  const shipped = shippedDashboards(names);
  expect(shipped.map(({ key }) => key)).toEqual(["training", "governance"]);
  for (const spec of shipped) expect(readSpec(JSON.parse(JSON.stringify(spec)), "as JSON")).toEqual(spec);
});

test("training begins with Figure 3: gauges, and lines by epoch", () => {
  const [first, second] = shippedDashboards([])[0]!.rows;
  expect(first?.panels.filter(({ kind }) => kind === "gauge")).not.toEqual([]);
  expect(second?.panels.map((panel) => [panel.kind, (panel as PanelOf<"line">).where.metric])).toEqual([
    ["line", "accuracy"],
    ["line", "loss"],
  ]);
});

test("a custom metric's file is a chart by its name", () => {
  const [spec] = shippedDashboards(["my_own"]);
  const panel = panelsOf(spec!).find(({ key }) => key === "metric-my-own");
  expect(panel).toMatchObject({ kind: "line", title: "My own", dataset: "my_own" });
  expect(spec?.datasets.my_own).toMatchObject({ view: "my_own" });
  expect(panelsOf(shippedDashboards([])[0]!).map(({ key }) => key)).not.toContain("metric-my-own");
});

const gauge = {
  kind: "gauge",
  key: "accuracy",
  title: "Accuracy",
  width: 6,
  dataset: "run_metrics",
  measure: "newest_last",
  min: 0,
  max: 1,
};
const line = {
  kind: "line",
  key: "lines",
  title: "Lines",
  width: 6,
  dataset: "metric_lines",
  measure: "value_max",
  x: "epoch",
};
const run = { column: "run", label: "Run", dataset: "runs" };
const own = {
  view: "runs",
  columns: [
    { name: "run", type: "text" },
    { name: "at", type: "time" },
  ],
};
const withDataset = (more: object): object => ({
  ...training,
  datasets: { ...training.datasets, own: { ...own, ...more } },
});
const withPanels = (...panels: object[]): object => ({ ...training, rows: [{ height: 400, panels }] });

test.each<[string, unknown, string]>([
  ["no version", {}, `version is missing. This package reads version ${SPEC_VERSION}.`],
  ["a newer version", { ...training, version: 2 }, `version is 2. This package reads version ${SPEC_VERSION}.`],
  ["an unknown field", { ...training, panels: [] }, '"panels", which does not exist there: remove it.'],
  [
    "an unknown panel",
    withPanels({ ...gauge, kind: "guage" }),
    'panel "accuracy" is of kind "guage". Use one of gauge, line, number, table, compare, distribution, text.',
  ],
  [
    "an unknown field of a panel",
    withPanels({ ...gauge, maximum: 1 }),
    'panel "accuracy" has "maximum", which does not exist there: remove it.',
  ],
  ["a field of the wrong type", withPanels({ ...gauge, min: "0" }), 'panel "accuracy", min: Invalid input'],
  ["a panel without a key", withPanels({ ...gauge, key: undefined }), "panel 0 of row 0, key: Invalid input"],
  [
    "a dataset that is not there",
    withPanels({ ...gauge, dataset: "run_metric" }),
    'panel "accuracy" reads the dataset run_metric. Those there are: runs, metric_lines, metric_names, run_metrics.',
  ],
  [
    "a dataset by the name of what every object has",
    withPanels({ ...gauge, dataset: "constructor" }),
    'panel "accuracy" reads the dataset constructor. Those there are: runs, metric_lines, metric_names, run_metrics.',
  ],
  [
    "a value of another type than its column",
    withPanels({ ...gauge, where: { metric: ["loss", 5] } }),
    'panel "accuracy" chooses metric 5. The column is of type text: give a string.',
  ],
  [
    "a time that is no column",
    withDataset({ time: "ts" }),
    "the dataset own names the time ts, which is no column of type time. Those there are: at.",
  ],
  [
    "a time of another type",
    withDataset({ time: "run" }),
    "the dataset own names the time run, which is no column of type time. Those there are: at.",
  ],
  [
    "a column and a measure of one name",
    withDataset({ measures: [{ name: "run", label: "Runs", sql: "COUNT(*)" }] }),
    "the dataset own has run twice: give one another name.",
  ],
  [
    "a line without a range",
    withPanels({ ...line, min: 2, max: 1 }),
    'panel "lines" goes from 2 to 1: max has to be more than min.',
  ],
  [
    "a log scale from 0",
    withPanels({ ...line, scale: "log", min: 0 }),
    'panel "lines" ends at 0, which a log scale has no place for: give more than 0.',
  ],
  [
    "bands that fall",
    withPanels({
      ...gauge,
      bands: [
        { to: 0.9, means: "bad" },
        { to: 0.1, means: "good" },
      ],
    }),
    'panel "accuracy" has a band up to 0.1, which is not above what is before it: sort them.',
  ],
  ["a filter twice", { ...training, filters: [run, run] }, "the filter run is there twice: leave one out."],
  [
    "a measure that is not there",
    withPanels({ ...gauge, measure: "newest" }),
    'panel "accuracy" names the measure newest, which run_metrics does not have. Those there are: newest_last,',
  ],
  [
    "a column that is not there",
    withPanels({ ...gauge, where: { metrik: "loss" } }),
    'panel "accuracy" names the column metrik, which run_metrics does not have. Those there are: project, run,',
  ],
  [
    "a row that is too wide",
    withPanels(gauge, { ...gauge, key: "second", width: 7 }),
    'panel "second" makes row 0 13 wide. A row holds 12: make one narrower.',
  ],
  ["a key twice", withPanels(gauge, gauge), 'panel "accuracy" is there twice: give one another key.'],
  [
    "a gauge without a range",
    withPanels({ ...gauge, min: 1 }),
    'panel "accuracy" goes from 1 to 1: max has to be more than min.',
  ],
  [
    "a filter without its column",
    { ...training, filters: [{ column: "metric", label: "Metric", dataset: "runs" }] },
    "the filter metric offers values of runs, which has no such column.",
  ],
  [
    "a filter within none",
    { ...training, filters: [{ column: "run", label: "Run", dataset: "runs", within: ["project"] }] },
    "the filter run is within project, which is no filter here.",
  ],
  [
    "no data at all",
    withPanels({ kind: "text", key: "words", title: "Words", width: 12, markdown: "nothing" }),
    "it has no panel with data.",
  ],
])("%s is one error that names the place and the fix", (_what, spec, says) => {
  const reading = () => readSpec(spec, "dashboards/own.ts");
  expect(reading).toThrow(SpecError);
  expect(reading).toThrow(`dashboards/own.ts: ${says.startsWith('"') ? "it has " : ""}${says}`);
});

test("what is added for custom metrics leaves the dashboard itself alone", () => {
  const before = JSON.stringify(training);
  const whole = withCustomMetrics(training as DashboardInput, names);
  expect(whole.rows.length).toBe(training.rows.length + Math.ceil(names.length / 2));
  expect(JSON.stringify(training)).toBe(before);
});
