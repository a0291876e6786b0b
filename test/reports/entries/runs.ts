import { begin, end, epoch, event, inTurn, near, OWN, type Report, suchThat, together, upTo } from "../report.ts";

const HOUR = 3_600_000;
/** As `datetime.now()` writes it on a machine that is three hours behind UTC. */
const localTime = () => new Date(Date.now() - 3 * HOUR).toISOString().replace("Z", "");
const isNow = suchThat((text: string) => Math.abs(Date.now() - Date.parse(text)) < 5 * 60_000);

/** When runs begin, live and end, what they are called, and who writes to them. */
export const RUNS: readonly Report[] = [
  {
    source: "wandb/wandb#9721",
    situation: "the first of two writers to end ends the run, and it can no longer be stopped",
    sent: [
      ...inTurn(
        begin({ writer: "a", seq: 1 }),
        begin({ writer: "b", seq: 1 }),
        end({ writer: "b", seq: 2 }),
        epoch(0, { loss: 1 }, { writer: "a", seq: 2 }),
      ),
      { path: "/v1/runs/r/stop", body: { reason: "enough" }, status: 202 },
    ],
    right: [
      { get: "/v1/runs/r", is: { state: "running", stop: { reason: "enough" } } },
      { get: "/v1/runs/r/control", is: { run: "r", stop: { reason: "enough" } } },
    ],
    page: { says: [{ part: "focus-state", text: "stopping" }] },
  },
  {
    source: "wandb/wandb#9721",
    situation: "a run of two writers ends when the last of them ends",
    sent: inTurn(
      begin({ writer: "a", seq: 1 }),
      begin({ writer: "b", seq: 1 }),
      end({ writer: "b", seq: 2 }),
      end({ writer: "a", seq: 2 }),
    ),
    right: [{ get: "/v1/runs/r", is: { state: "finished" } }],
  },
  {
    source: "Netflix/metaflow#1112",
    situation: "a run whose process was killed runs for ever, and nothing can end it",
    sent: [
      ...together(begin(), epoch(0, { loss: 1 })),
      { path: "/v1/runs/r/stop", body: { reason: "enough" }, status: 202 },
      { path: "/v1/runs/r/end", body: { reason: "its machine is gone", status: "failed" }, status: 202 },
      { path: "/v1/runs/r/end", body: { reason: "once more" }, status: 409, answer: { code: "run-ended" } },
    ],
    right: [
      {
        get: "/v1/runs/r",
        is: {
          state: "failed",
          stop: null,
          audit: suchThat((all: { kind: string }[]) => all.some(({ kind }) => kind === "end_marked")),
        },
      },
    ],
    page: { says: [{ part: "focus-state", text: "failed" }] },
  },
  {
    source: "NovaSky-AI/SkyRL#1516",
    situation: "an old run that never ended hides the newest one",
    sent: [
      ...together(epoch(0, { loss: 1 }, { run_id: "old", created_at: "2025-11-30T12:00:00Z" })),
      ...together(begin({ run_id: "new" }), epoch(0, { loss: 1 }, { run_id: "new" }), end({ run_id: "new" })),
    ],
    right: [{ get: "/v1/runs", is: { runs: [{ run: "new" }, { run: "old" }] } }],
    page: { view: "run=", says: [{ part: "focus-name", text: "new" }] },
  },
  {
    source: OWN,
    situation: "local times without a zone make a run hours old, or let it begin in the future",
    sent: [
      {
        path: "/",
        body: {
          ...{ id: "r", description: "on_train_begin" },
          get created_at() {
            return localTime();
          },
        },
      },
    ],
    right: [{ get: "/v1/runs/r", is: { started_at: isNow, last_event_at: isNow } }],
  },
  {
    source: OWN,
    situation: "a run with an empty name is a link that nobody can see",
    sent: together(event("tags", { logs: { name: "" } })),
    right: [{ get: "/v1/runs/r", is: { name: "r" } }],
  },
  {
    source: OWN,
    situation: "a run whose name is a number has another name after a reload",
    sent: together(event("tags", { logs: { name: 2024 } }), epoch(0, { loss: 1 })),
    right: [{ get: "/v1/runs/r", is: { name: "2024" } }],
    page: { says: [{ part: "focus-name", text: "2024" }] },
  },
  {
    source: OWN,
    situation: "ids that no URL can name are stored and can never be asked for again",
    sent: [".", ".."].map((run_id) => ({
      body: { ...begin(), run_id },
      status: 400,
      answer: { code: "invalid-name", field: suchThat((field: string) => field.includes("run_id")) },
    })),
    right: [{ get: "/v1/runs", is: { runs: [] } }],
  },
  {
    source: OWN,
    situation: "ids that URLs, shells and quotes could bend",
    sent: together(
      ...["a/b?c", "'; DROP TABLE events; --", "ü 🦀", "%2e%2e", " padded ", "NULL"].map((run_id) =>
        epoch(0, { loss: 1 }, { run_id }),
      ),
    ),
    right: ["a/b?c", "'; DROP TABLE events; --", "ü 🦀", "%2e%2e", " padded ", "NULL"].map((run) => ({
      get: `/v1/runs/${encodeURIComponent(run)}`,
      is: { run, summary: [{ metric: "loss" }] },
    })),
  },
  {
    source: OWN,
    situation: "what was asked of a run is told by run in the answers to its events",
    sent: [
      ...together(begin()),
      { path: "/v1/runs/r/stop", body: { reason: "enough" }, status: 202 },
      { body: epoch(0, { loss: 1 }), answer: { control: { r: { stop: { reason: "enough" } } } } },
    ],
    right: [{ get: "/v1/runs/r/control", is: { stop: { reason: "enough" } } }],
  },
  {
    source: OWN,
    situation: "an event is sent again after its answer was lost",
    sent: [
      { body: epoch(0, { loss: 1 }, { event_id: "one" }), answer: { accepted: 1, duplicates: 0 } },
      { body: epoch(0, { loss: 1 }, { event_id: "one" }), answer: { accepted: 0, duplicates: 1 } },
      { body: epoch(0, { loss: 2 }, { event_id: "one" }), answer: { accepted: 0, conflicts: ["one"] } },
    ],
    right: [{ get: "/v1/runs/r", is: { summary: [{ points: 1, last: 1 }] } }],
  },
  {
    source: OWN,
    situation: "an older request to stop does not stop a run that was resumed",
    sent: [
      ...together(begin()),
      { path: "/v1/runs/r/stop", body: { reason: "old" }, status: 202 },
      ...together(begin()),
    ],
    right: [{ get: "/v1/runs/r/control", is: { stop: null } }],
  },
  {
    source: OWN,
    situation: "the end of a run arrives before its beginning",
    sent: inTurn(
      end({ seq: 3, writer: "w" }),
      epoch(0, { loss: 1 }, { seq: 2, writer: "w" }),
      begin({ seq: 1, writer: "w" }),
    ),
    right: [{ get: "/v1/runs/r", is: { state: "finished", summary: [{ last: 1 }] } }],
  },
  {
    source: "G-Research/fasttrackml#409",
    situation: "runs with thousands of metrics: a list that no browser can hold",
    sent: upTo(3, (n) => ({
      body: epoch(0, Object.fromEntries(upTo(2_261, (metric) => [`metric_${metric}`, metric])), { run_id: `r${n}` }),
    })),
    right: [
      {
        get: "/v1/runs",
        is: { runs: upTo(3, () => ({ summary: suchThat((rows: unknown[]) => rows.length === 2_261) })) },
      },
      {
        sql: "SELECT run, count(*)::int FROM run_summary WHERE project = 'PROJECT' GROUP BY run ORDER BY run",
        rows: upTo(3, (n) => [`r${n}`, 2_261]),
      },
    ],
    page: {
      view: "run=r0",
      says: [
        { chart: "metric_0", measures: { points: 1 } },
        { part: "notices", text: "" },
      ],
    },
  },
  {
    source: OWN,
    situation: "times at both ends of what a clock may say",
    sent: together(
      epoch(0, { loss: 1 }, { created_at: "1970-01-01T00:00:00Z" }),
      epoch(1, { loss: 2 }, { created_at: "2255-01-01T00:00:00Z" }),
    ),
    right: [
      {
        sql: "SELECT epoch::int, extract(year FROM ts)::int FROM metrics WHERE project = 'PROJECT' ORDER BY epoch",
        rows: [
          [0, near(1970, 1)],
          [1, near(2255, 1)],
        ],
      },
    ],
  },
];
