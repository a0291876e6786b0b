import {
  begin,
  end,
  epoch,
  event,
  inTurn,
  near,
  OWN,
  type Report,
  series,
  step,
  suchThat,
  together,
  upTo,
} from "../report.ts";

const LOW = [
  "wer",
  "eval_wer",
  "cer",
  "ppl",
  "nll",
  "mape",
  "RMSLE",
  "fid",
  "kl",
  "brier",
  "eer",
  "bpc",
  "bpb",
  "latency",
];
const HIGH = ["time_masked_accuracy", "lossless_acc", "accuracy"];
const unprefixed = (name: string) => name.replace(/^eval_/, "");

/** Numbers that a chart, a list or a query shows. */
export const NUMBERS: readonly Report[] = [
  {
    source: "tensorflow/tensorboard#1518",
    situation: "spikes at every tenth step: smoothing what was thinned to its extremes draws a line far too high",
    sent: together(...upTo(1_000, (n) => step(n, { loss: n % 10 === 5 ? 10 : 0 }))),
    right: [
      {
        get: series("metric=loss&points=500&smoothing=0.95"),
        is: {
          series: [{ total: 1_000, smoothed: suchThat((all: number[]) => Math.abs((all.at(-1) ?? 0) - 1.015) < 0.01) }],
        },
      },
      {
        get: series("metric=loss&points=10&means=true"),
        is: { series: [{ y: suchThat((all: number[]) => all.every((mean) => mean > 0.9 && mean < 1.2)) }] },
      },
    ],
  },
  {
    source: "tensorflow/tensorboard#786",
    situation: "a constant line that is smoothed fills the plot with rounding errors",
    sent: together(...upTo(300, (n) => step(n, { loss: 1e-4 }))),
    right: [
      {
        get: series("metric=loss&smoothing=0.9"),
        is: {
          series: [{ smoothed: suchThat((all: number[]) => all.length > 0 && all.every((value) => value === 1e-4)) }],
        },
      },
    ],
  },
  {
    source: OWN,
    situation: "the clock of a writer without a counter goes back in the middle of a run",
    sent: inTurn(
      begin({ created_at: "2026-10-25T02:50:00Z" }),
      epoch(0, { loss: 0.5 }, { created_at: "2026-10-25T02:55:00Z" }),
      epoch(1, { loss: 0.4 }, { created_at: "2026-10-25T02:05:00Z" }),
      end({ created_at: "2026-10-25T02:10:00Z" }),
    ),
    right: [
      { get: "/v1/runs/r", is: { state: "finished", summary: [{ metric: "loss", first: 0.5, last: 0.4 }] } },
      { sql: "SELECT value FROM latest_metrics WHERE project = 'PROJECT'", rows: [[0.4]] },
    ],
  },
  {
    source: "wandb/wandb#6728",
    situation: "a run resumed from an older checkpoint writes three epochs again",
    sent: together(
      ...upTo(8, (n) => epoch(n, { loss: 8 - n })),
      begin(),
      ...[5, 6, 7].map((n) => epoch(n, { loss: n / 10 }, { created_at: `2026-11-30T12:00:0${n}Z` })),
    ),
    right: [
      {
        get: series("metric=loss&x=epoch"),
        is: { series: [{ x: [0, 1, 2, 3, 4, 5, 6, 7], y: [8, 7, 6, 5, 4, 0.5, 0.6, 0.7] }] },
      },
      { get: "/v1/runs/r", is: { summary: [{ metric: "loss", last: 0.7 }] } },
    ],
    page: { view: "x=epoch", says: [{ chart: "loss", measures: { points: 8, last: 0.7 } }] },
  },
  {
    source: "huggingface/transformers#31142",
    situation: "metrics where low is good under names that no list of losses has",
    sent: together(
      epoch(0, Object.fromEntries([...LOW, ...HIGH].map((name) => [name, 0.8]))),
      epoch(1, Object.fromEntries([...LOW, ...HIGH].map((name) => [name, 0.7]))),
    ),
    right: [
      {
        sql: "SELECT metric, best FROM run_summary WHERE project = 'PROJECT' ORDER BY metric, split",
        rows: [...LOW.map((name) => [unprefixed(name), 0.7]), ...HIGH.map((name) => [name, 0.8])].sort(([a], [b]) =>
          String(a) < String(b) ? -1 : 1,
        ),
      },
    ],
  },
  {
    source: "aslotte/MLOps.NET#77",
    situation: "nobody can guess which value of a metric is the best, and somebody says it",
    sent: together(
      event("define", { logs: { metric: "timeliness", best: "max" } }),
      event("define", { logs: { metric: "lossless_ratio", best: "max" } }),
      epoch(0, { timeliness: 2, lossless_ratio: 2 }),
      epoch(1, { timeliness: 3, lossless_ratio: 3 }),
    ),
    right: [
      {
        sql: "SELECT metric, best FROM run_summary WHERE project = 'PROJECT' ORDER BY metric",
        rows: [
          ["lossless_ratio", 3],
          ["timeliness", 3],
        ],
      },
    ],
  },
  {
    source: OWN,
    situation: "what stands before a metric's name says the split, whichever of the usual forms it has",
    sent: together(
      epoch(0, {
        eval_loss: 1,
        "val/acc": 2,
        "train/loss": 3,
        train_acc: 4,
        validation_f1: 5,
        test_f1: 6,
        "test/acc": 7,
      }),
    ),
    right: [
      {
        sql: "SELECT metric, split, value FROM metrics WHERE project = 'PROJECT' ORDER BY value",
        rows: [
          ["loss", "validation", 1],
          ["acc", "validation", 2],
          ["loss", "train", 3],
          ["acc", "train", 4],
          ["f1", "validation", 5],
          ["f1", "test", 6],
          ["acc", "test", 7],
        ],
      },
    ],
  },
  {
    source: OWN,
    situation: "a metric whose name still begins with a prefix once its own is off",
    sent: together(epoch(0, { val_test_acc: 0.5 })),
    right: [
      {
        get: series("metric=test_acc&x=epoch"),
        is: { series: [{ metric: "test_acc", split: "validation", y: [0.5] }] },
      },
    ],
    page: { view: "x=epoch", says: [{ chart: "test_acc", measures: { points: 1 } }] },
  },
  {
    source: "mlflow/mlflow#25640",
    situation: "a run that diverged to NaN passes a filter for good accuracy",
    sent: together(
      ...[0.95, "NaN", 0.2].map((value, index) => ({
        ...epoch(0, { accuracy: typeof value === "string" ? { $num: value } : value }),
        run_id: `r${index}`,
      })),
    ),
    right: [
      { sql: "SELECT run FROM run_summary WHERE project = 'PROJECT' AND best > 0.9", rows: [["r0"]] },
      {
        sql: "SELECT run, value_kind FROM latest_metrics WHERE project = 'PROJECT' ORDER BY run",
        rows: [
          ["r0", "finite"],
          ["r1", "nan"],
          ["r2", "finite"],
        ],
      },
    ],
  },
  {
    source: OWN,
    situation: "a run with steps and without epochs has no summary and no values in the list",
    sent: together(...upTo(300, (n) => step(n, { loss: 1 / (n + 1) })), end()),
    right: [
      {
        get: "/v1/runs",
        is: { runs: [{ summary: [{ metric: "loss", level: "batch", points: 300, last: 1 / 300 }] }] },
      },
    ],
    page: {
      says: [
        { chart: "loss", measures: { points: 300 } },
        { part: "focus-state", text: "finished" },
      ],
    },
  },
  {
    source: OWN,
    situation: "one event with values whose difference no double holds makes views fail for all who read them",
    sent: together(
      epoch(0, { loss: 1e308, val_loss: -1e308 }),
      epoch(1, { loss: 1, val_loss: 1 }),
      epoch(2, { loss: 1e200 }),
    ),
    right: [
      {
        sql: "SELECT count(*) > 0 FROM custom_metrics WHERE project = 'PROJECT' AND value IS NOT NULL",
        rows: [[true]],
      },
      {
        sql: "SELECT value FROM generalisation_gap WHERE project = 'PROJECT' AND epoch = 1",
        rows: [[0]],
      },
    ],
  },
  {
    source: OWN,
    situation: "800 runs joined with their summaries, which once were too many to be answered",
    sent: upTo(4, (part) => ({
      body: upTo(200, (n) => [0, 1].map((at) => ({ ...epoch(at, { loss: at }), run_id: `r${200 * part + n}` }))).flat(),
    })),
    right: [
      {
        sql: "SELECT count(*)::int, sum(s.last)::int FROM runs r JOIN run_summary s ON s.project = r.project AND s.run = r.run WHERE r.project = 'PROJECT' AND s.metric = 'loss'",
        rows: [[800, 800]],
      },
    ],
  },
  {
    source: "wandb/wandb#9721",
    situation: "two ranks log the same metric: neither takes the other's place, and the last of each is kept",
    sent: together(
      ...[0, 1, 2].flatMap((at) =>
        ["a", "b"].map((writer, rank) => epoch(at, { loss: at + rank / 2 }, { writer, seq: at + 1 })),
      ),
    ),
    right: [
      {
        sql: "SELECT writer, count(*)::int, max(value) FROM metrics WHERE project = 'PROJECT' GROUP BY writer ORDER BY writer",
        rows: [
          ["a", 3, 2],
          ["b", 3, 2.5],
        ],
      },
    ],
  },
  {
    source: OWN,
    situation: "NaN, infinities, -0 and whole numbers beyond 2^53 come back as something else",
    sent: [
      {
        body: '{"run_id":"r","kind":"on_epoch_end","epoch":0,"logs":{"a":NaN,"b":Infinity,"c":-Infinity,"d":-0.0,"e":9223372036854775807,"f":1e400}}',
        status: 400,
        answer: { code: "invalid-logs" },
      },
      {
        body: '{"run_id":"r","kind":"on_epoch_end","epoch":0,"logs":{"a":{"$num":"NaN"},"b":{"$num":"Infinity"},"c":{"$num":"-Infinity"},"d":{"$num":"-0"},"e":9223372036854775807}}',
      },
    ],
    right: [
      {
        sql: "SELECT metric, value_text FROM metrics WHERE project = 'PROJECT' ORDER BY metric",
        rows: [
          ["a", "NaN"],
          ["b", "Infinity"],
          ["c", "-Infinity"],
          ["d", "-0"],
          ["e", "9223372036854775807"],
        ],
      },
    ],
  },
  {
    source: OWN,
    situation: "means of buckets of a metric that is logged at every other step only",
    sent: together(...upTo(100, (n) => step(n, n % 2 === 0 ? { loss: 4 } : { other: 1 }))),
    right: [
      {
        get: series("metric=loss&points=10&means=true"),
        is: { series: [{ total: 50, y: suchThat((all: number[]) => all.every((mean) => mean === 4)) }] },
      },
      {
        get: series("metric=loss&smoothing=0.6"),
        is: { series: [{ smoothed: suchThat((all: number[]) => all.at(-1) === 4) }] },
      },
    ],
  },
  {
    source: OWN,
    situation: "the list says another last value than the chart",
    sent: together(...upTo(40, (n) => step(n, { loss: n / 7 }))),
    right: [
      { get: "/v1/runs/r", is: { summary: [{ last: 39 / 7, min: 0, max: 39 / 7, points: 40 }] } },
      { get: series("metric=loss"), is: { series: [{ y: suchThat((all: number[]) => all.at(-1) === 39 / 7) }] } },
      { sql: "SELECT value FROM latest_metrics WHERE project = 'PROJECT'", rows: [[near(39 / 7, 1e-15)]] },
    ],
  },
];
