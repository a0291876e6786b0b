import type {
  RunDetail,
  RunState,
  RunWithSummary,
  StreamedEvent,
  Summary,
  Value,
} from "../../functions/stores/store.ts";
import { type Point, pointsOf } from "./event-points.ts";
import { lowerIsBetter } from "./metric-names.ts";
import { nonFiniteName } from "./values.ts";

export type AuditEntry = RunDetail["audit"][number];

/** Any other status, or none, is an ordinary end; the `runs` view says the same. */
const END_STATES: ReadonlySet<unknown> = new Set<RunState>(["failed", "stopped"]);

/** A run of which only an event is known yet. */
export function newRun(project: string, event: StreamedEvent): RunWithSummary {
  const at = new Date(event.at).toISOString();
  return {
    project,
    run: event.run,
    name: event.run,
    state: "running",
    started_at: at,
    ended_at: null,
    last_event_at: at,
    note: null,
    archived: false,
    params: {},
    tags: {},
    summary: [],
  };
}

/**
 * Brings a run up to an event. Applying a stretch of the log a second time ends in the same state, because
 * a list is read at another moment than the place the stream goes on from; only counts of points may be high.
 */
export function applyEvent(run: RunWithSummary, event: StreamedEvent) {
  const at = new Date(event.at).toISOString();
  if (event.at > Date.parse(run.last_event_at)) run.last_event_at = at;
  const logs = event.logs ?? {};
  if (event.kind === "on_train_begin") {
    run.state = "running";
    run.ended_at = null;
  } else if (event.kind === "on_train_end") {
    run.state = END_STATES.has(logs.status) ? (logs.status as RunState) : "finished";
    run.ended_at = at;
  } else if (event.kind === "params") {
    run.params = merged(run.params, logs);
  } else if (event.kind === "tags") {
    run.tags = merged(run.tags, logs);
    run.name = textOf(run.tags.name) ?? run.run;
    run.note = textOf(run.tags.note);
    run.archived = run.tags.archived === true;
  } else if (run.state === "lost" && event.actor === null) {
    run.state = "running";
  }
  for (const point of pointsOf(event)) addToSummary(run.summary, point);
}

function merged(old: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  const all = { ...old, ...changes };
  for (const [key, value] of Object.entries(changes)) if (value === null) delete all[key];
  return all;
}

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function addToSummary(summary: Summary[], { metric, split, level, value }: Point) {
  const stored: Value = Number.isFinite(value) ? value : { $num: nonFiniteName(value) };
  let row = summary.find((one) => one.metric === metric && one.split === split && one.level === level);
  if (!row) {
    row = { metric, split, level, points: 0, first: stored, last: stored, best: null, min: null, max: null };
    summary.push(row);
  }
  row.points++;
  row.last = stored;
  if (!Number.isFinite(value)) return;
  row.min = Math.min(row.min ?? value, value);
  row.max = Math.max(row.max ?? value, value);
  row.best = lowerIsBetter(metric) ? row.min : row.max;
}

/** The request to stop that a run has not answered yet. */
export function pendingStop(run: RunWithSummary, audit: readonly AuditEntry[], resumedAt: string): AuditEntry | null {
  if (run.state !== "running") return null;
  const last = lastStop(audit);
  return last && (resumedAt === "" || Date.parse(last.at) > Date.parse(resumedAt)) ? last : null;
}

export const lastStop = (audit: readonly AuditEntry[]): AuditEntry | null =>
  audit.findLast((entry) => entry.kind === "stop_requested") ?? null;

export function reasonOf(entry: AuditEntry): string | null {
  return textOf(entry.logs?.reason);
}
