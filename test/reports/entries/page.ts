import { end, epoch, event, OWN, type Report, step, together, upTo } from "../report.ts";

const values = (...all: (number | string)[]) =>
  together(...all.map((value, at) => epoch(at, { loss: typeof value === "string" ? { $num: value } : value })), end());
const drawn = (points: number, more: { last?: number; "not-finite"?: number } = {}) =>
  ({ chart: "loss", measures: { points, ...more } }) as const;

/** What only the page shows. */
export const PAGE: readonly Report[] = [
  {
    source: OWN,
    situation: "more charts than are shown at first stay empty when they are asked for",
    sent: together(epoch(0, Object.fromEntries(upTo(20, (n) => [`metric_${String(n).padStart(2, "0")}`, n]))), end()),
    page: { press: ["Show 8 more of 20 charts"], says: [{ chart: "metric_19", measures: { points: 1 } }] },
  },
  {
    source: "mlflow/mlflow#24012",
    situation: "more than 200 charts: every question for series is refused",
    sent: together(epoch(0, Object.fromEntries(upTo(204, (n) => [`metric_${String(n).padStart(3, "0")}`, n]))), end()),
    page: {
      press: ["Time"],
      says: [
        { chart: "metric_000", measures: { points: 1 } },
        { part: "notices", text: "" },
      ],
    },
  },
  {
    source: OWN,
    situation: "nothing above 0 on a logarithmic axis: an empty chart that does not say why",
    sent: values(0, -1, -2),
    page: { view: "log=loss", says: [{ chart: "loss", empty: "No value above 0 to draw on a logarithmic axis." }] },
  },
  {
    source: OWN,
    situation: "NaN before the first value that a logarithmic axis can draw",
    sent: values(0, "NaN", 1, 2),
    page: { view: "log=loss", says: [drawn(4, { last: 2, "not-finite": 1 })] },
  },
  {
    source: OWN,
    situation: "a value close to the least double empties a logarithmic chart",
    sent: values(1, 0.5, 1e-305, 0.2),
    page: { view: "log=loss", says: [drawn(4, { last: 0.2, "not-finite": 0 })] },
  },
  {
    source: OWN,
    situation: "values at both ends of the doubles, whose difference is none",
    sent: values(1e308, -1e308, 1, 2),
    page: { says: [drawn(4, { last: 2 })] },
  },
  {
    source: OWN,
    situation: "a gauge of a value that no scale can be made for",
    sent: values(5e-324, 1.7e308),
    page: { says: [drawn(2, { last: 1.7e308 }), { part: "gauge", count: 1 }] },
  },
  {
    source: "chartjs/Chart.js#5932",
    situation: "values so close to each other that their difference is lost",
    sent: values(...upTo(6, (n) => 1 + n * 2.220446049250313e-16)),
    page: { says: [drawn(6, { last: 1 + 5 * 2.220446049250313e-16 })] },
  },
  {
    source: OWN,
    situation: "a run with one metric only has two gauges of the same",
    sent: together(epoch(0, { loss: 1, val_loss: 2 }), end()),
    page: { says: [{ part: "gauge", count: 1 }] },
  },
  {
    source: OWN,
    situation: "the last epoch is counted from the points instead of read",
    sent: together(epoch(4, { loss: 1 }), epoch(9, { loss: 0.5 }), end()),
    page: { says: [{ part: "gauge", text: "epoch 9" }] },
  },
  {
    source: OWN,
    situation: "a link to a run leads elsewhere once there is another project",
    sent: together(epoch(0, { loss: 1 }), end()),
    page: { says: [{ part: "focus-name", text: "r" }, { address: "project=PROJECT&run=r" }] },
  },
  {
    source: OWN,
    situation: "the example query of the page draws train and validation as one line",
    sent: together(
      ...["r", "s"].flatMap((run_id) => upTo(2, (n) => epoch(n, { loss: n, val_loss: n + 1 }, { run_id }))),
    ),
    page: {
      view: "tab=sql",
      press: ["Loss by epoch", "Run"],
      says: [
        { part: "sql-summary", text: "8 rows" },
        { part: "sql-legend", text: "r · validation" },
      ],
    },
  },
  {
    source: OWN,
    situation: "two runs of a group whose values add up to more than a double holds",
    sent: together(
      ...["r", "s"].flatMap((run_id) => [
        event("params", { run_id, logs: { lr: 1 } }),
        epoch(0, { loss: 1e308 }, { run_id }),
        epoch(1, { loss: 1 }, { run_id }),
      ]),
    ),
    page: { view: "run=s&groupBy=lr", says: [{ chart: "loss", measures: { "not-finite": 0, lines: 1 } }] },
  },
  {
    source: OWN,
    situation: "a filter that matches nothing, and a list that matches again",
    sent: together(epoch(0, { loss: 1 })),
    page: { view: "text=nothing", says: [{ part: "runs-none", text: "No run matches." }] },
  },
  {
    source: OWN,
    situation: "steps without an epoch on the axis of epochs",
    sent: together(...upTo(3, (n) => step(n, { loss: n }))),
    page: { view: "x=epoch", says: [{ chart: "loss", empty: "No values by epoch" }] },
  },
];
