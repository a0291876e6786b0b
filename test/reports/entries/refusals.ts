import { begin, epoch, event, OWN, type Report, series, step, suchThat, together, upTo } from "../report.ts";

const warned = (...fields: string[]) => ({
  accepted: 1,
  warnings: fields.map((field) => ({
    field,
    detail: suchThat((text: string) => text.length > 10),
    fix: suchThat(Boolean),
  })),
});
const kindsWithoutMetrics = ["on_log", "on_validation_epoch_end", "on_batch_end"];
const longName = "x".repeat(251);

/** What is refused, or taken and told: never swallowed. */
export const REFUSALS: readonly Report[] = [
  {
    source: "SwanHubX/SwanLab#226",
    situation: "what looks like a metric and is none is stored, and nobody is told that there will be no chart",
    sent: [
      {
        body: epoch(0, { a: "nan", b: true, c: null, d: [0.1, 0.2], e: { train: 0.5 }, f: "0.5", g: 1 }),
        answer: warned(...["a", "b", "d", "e", "f"].map((key) => `logs.${key}`)),
      },
    ],
    right: [{ get: "/v1/runs/r", is: { summary: [{ metric: "g", last: 1 }] } }],
  },
  {
    source: "determined-ai/determined#7829",
    situation: "a fraction of an epoch: refused with the field and what to do, and the whole number 1.0 is taken",
    sent: [
      {
        body: epoch(0.19, { loss: 1 }),
        status: 400,
        answer: { code: "invalid-integer", field: "epoch", fix: suchThat((fix: string) => /step/.test(fix)) },
      },
      { body: step(1.5, { loss: 1 }), status: 400, answer: { code: "invalid-integer", field: "step" } },
      { body: '{"run_id":"r","kind":"on_epoch_end","epoch":1.0,"logs":{"loss":3}}', answer: { accepted: 1 } },
    ],
    right: [{ get: series("metric=loss&x=epoch"), is: { series: [{ x: [1], y: [3] }] } }],
  },
  {
    source: OWN,
    situation: "metrics under the names of other frameworks' callbacks make no chart, without a word",
    sent: kindsWithoutMetrics.map((kind) => ({
      body: event(kind, { logs: { loss: 1 } }),
      answer: warned("logs"),
    })),
    right: [{ sql: "SELECT count(*)::int FROM metrics WHERE project = 'PROJECT'", rows: [[0]] }],
  },
  {
    source: "aimhubio/aim#1997",
    situation: "a metric without a name, or with a very long one, takes all others with it",
    sent: together(epoch(0, { loss: 1, "": 2, [longName]: 3 }), epoch(1, { loss: 0.5, "": 2, [longName]: 3 })),
    right: [
      { get: series("metric=loss&x=epoch"), is: { series: [{ y: [1, 0.5] }] } },
      { get: series("metric=loss&metric="), status: 400, is: { code: "invalid-request", field: "metric.1" } },
    ],
    page: {
      view: "x=epoch",
      says: [
        { chart: "loss", measures: { points: 2 } },
        { chart: "", empty: "This metric has no name, so it cannot be asked for." },
        { part: "notices", text: "" },
      ],
    },
  },
  {
    source: "apache/superset#33336",
    situation: "metrics and runs that are called like words of SQL",
    sent: together(
      ...["order", "user", "select", "Loss", "1st"].map((run_id) =>
        epoch(0, { order: 1, select: 2, "1st": 3 }, { run_id }),
      ),
    ),
    right: [
      {
        sql: "SELECT run, metric, last FROM run_summary WHERE project = 'PROJECT' AND run = 'select' ORDER BY last",
        rows: [
          ["select", "order", 1],
          ["select", "select", 2],
          ["select", "1st", 3],
        ],
      },
      { get: "/v1/series?run=user&metric=select&x=epoch", is: { series: [{ y: [2] }] } },
    ],
  },
  {
    source: OWN,
    situation: "one event that is wrong in the middle of an array: which one, and what of the others",
    sent: [
      {
        body: [epoch(0, { loss: 1 }), epoch(1, { loss: 1 }), { ...epoch(2, { loss: 1 }), epcoh: 2 }],
        status: 400,
        answer: { code: "unknown-field", field: suchThat((field: string) => field.startsWith("events[2]")) },
      },
    ],
    right: [{ get: "/v1/runs", is: { runs: [] } }],
  },
  {
    source: OWN,
    situation: "an event with more metrics than any page, list or reader can hold",
    sent: [
      {
        body: epoch(0, Object.fromEntries(upTo(5_001, (n) => [`m${n}`, n]))),
        status: 413,
        answer: { code: "logs-too-large", field: "logs" },
      },
      { body: epoch(0, Object.fromEntries(upTo(5_000, (n) => [`m${n}`, n]))), answer: { accepted: 1 } },
    ],
    right: [{ get: series("metric=m4999&x=epoch"), is: { series: [{ y: [4_999] }] } }],
  },
  {
    source: OWN,
    situation: "a client writes what only the server may say",
    sent: ["stop_requested", "adjust_requested", "alert", "purge"].map((kind) => ({
      body: event(kind, { logs: { reason: "x" } }),
      status: 403,
      answer: { code: "reserved-kind", field: "kind" },
    })),
    right: [{ get: "/v1/runs", is: { runs: [] } }],
  },
  {
    source: OWN,
    situation: "text that no database holds",
    sent: [
      { body: '{"run_id":"r\\u0000","kind":"on_epoch_end"}', status: 400, answer: { code: "invalid-name" } },
      {
        body: '{"run_id":"r","kind":"on_epoch_end","logs":{"a":"\\ud800"}}',
        status: 400,
        answer: { code: "invalid-logs" },
      },
      {
        body: '{"run_id":"r","kind":"on_epoch_end","epoch":0,"logs":{"loss":1',
        status: 400,
        answer: { code: "not-json" },
      },
    ],
    right: [{ get: "/v1/runs", is: { runs: [] } }],
  },
  {
    source: OWN,
    situation: "a statement that writes, or that is two, in the page's SQL panel",
    sent: [
      ...together(begin()),
      { path: "/v1/sql", body: { sql: "DELETE FROM runs" }, status: 400, answer: { code: "invalid-sql" } },
      { path: "/v1/sql", body: { sql: "SELECT 1; SELECT 2" }, status: 400, answer: { code: "invalid-sql" } },
      { path: "/v1/sql", body: { sql: "SELECT * FROM events" }, status: 400, answer: { code: "invalid-sql" } },
    ],
    right: [{ get: "/v1/runs/r", is: { state: "running" } }],
  },
  {
    source: OWN,
    situation: "more than 200 metrics in one question",
    sent: together(epoch(0, { loss: 1 })),
    right: [
      {
        get: series(upTo(201, (n) => `metric=m${n}`).join("&")),
        status: 400,
        is: { code: "invalid-request", field: "metric" },
      },
      {
        get: series(["x=epoch", ...upTo(199, (n) => `metric=m${n}`), "metric=loss"].join("&")),
        is: { series: [{ metric: "loss" }] },
      },
    ],
  },
  {
    source: OWN,
    situation: "a run that there is not",
    sent: [{ path: "/v1/runs/nobody/stop", body: { reason: "x" }, status: 404, answer: { code: "unknown-run" } }],
    right: [{ get: "/v1/runs/nobody", status: 404, is: { code: "unknown-run" } }],
  },
];
