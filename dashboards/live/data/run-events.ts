import type {
  Control,
  RunDetail,
  RunWithSummary,
  StreamedEvent,
  Summary,
  Value,
} from "../../../functions/stores/store.ts";
import { type Point, pointsOf } from "./event-points.ts";
import { directionOf } from "./metric-names.ts";
import { nonFiniteName, numberOf } from "./numbers.ts";
import { endOf, hearTurn, isTurn, newTurns, type Turns } from "./run-turns.ts";
import { knownDirection, summaryRow } from "./summary-rows.ts";
import { isNewest, type Newest } from "./writers-order.ts";

export type AuditEntry = RunDetail["audit"][number];

/** A request to stop: who asked, why and when. */
export type AskedStop = Omit<NonNullable<Control["stop"]>, "event_id">;

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

const known = new WeakMap<Newest, Turns>();

/** What was heard of a run's beginnings and ends, beside what was newest of all else. */
export function turnsOf(newest: Newest): Turns {
  const turns = known.get(newest) ?? newTurns();
  known.set(newest, turns);
  return turns;
}

/**
 * Brings a run up to an event, as the views would. Applying a stretch of the log a second time ends
 * in the same state, because a list is read at another moment than the position the stream goes on
 * from; only counts of points may be high.
 */
export function applyEvent(run: RunWithSummary, event: StreamedEvent, newest: Newest) {
  const turns = turnsOf(newest);
  const logs = event.logs ?? {};
  const at = new Date(event.at).toISOString();
  if (event.at > Date.parse(run.last_event_at)) run.last_event_at = at;
  hearTurn(turns, event);
  // A writer that was taken for resumed by another is back with whatever it says.
  if (isTurn(event) || turns.marked > 0 || run.ended_at !== null) {
    const end = endOf(turns);
    if (end !== undefined) {
      run.ended_at = end === null ? null : new Date(end.at).toISOString();
      run.state = end?.state ?? "running";
    }
  }
  if (event.kind === "params") {
    run.params = merged(run.params, event, newest);
  } else if (event.kind === "tags") {
    run.tags = merged(run.tags, event, newest);
    run.name = nameOf(run.tags.name) ?? run.run;
    run.note = textOrNull(run.tags.note);
    run.archived = run.tags.archived === true;
  } else if (event.kind === "define" && isDirection(logs.best) && isNewest(newest, `define ${logs.metric}`, event)) {
    define(run, logs.metric, logs.best === "min");
  }
  if (run.state === "lost" && event.actor === null) run.state = "running";
  for (const point of pointsOf(event)) addToSummary(run, point, event, newest);
}

function merged(old: Record<string, unknown>, event: StreamedEvent, newest: Newest): Record<string, unknown> {
  const all = { ...old };
  for (const [key, value] of Object.entries(event.logs ?? {})) {
    if (!isNewest(newest, `${event.kind} ${key}`, event)) continue;
    if (value === null) delete all[key];
    else all[key] = value;
  }
  return all;
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** A name as the `runs` view reads it: whatever was sent as text, and no name if that is empty. */
function nameOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const number = numberOf(value);
  if (number !== undefined) return String(number);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text === "" ? null : text;
}

function addToSummary(run: RunWithSummary, point: Point, event: StreamedEvent, newest: Newest) {
  const { summary } = run;
  const { metric, split, level, value } = point;
  const stored: Value = Number.isFinite(value) ? value : { $num: nonFiniteName(value) };
  let row = summaryRow(summary, metric, split, level);
  if (!row) {
    const lower_is_better = defined.get(run)?.get(metric) ?? knownDirection(summary, metric) ?? directionOf(metric);
    const values = { first: stored, last: stored, best: null, min: null, max: null };
    row = { metric, split, level, points: 0, ...values, lower_is_better };
    summary.push(row);
  }
  row.points++;
  if (isNewest(newest, ["metric", metric, split, level].join("\n"), event)) row.last = stored;
  if (!Number.isFinite(value)) return;
  row.min = Math.min(row.min ?? value, value);
  row.max = Math.max(row.max ?? value, value);
  row.best = bestOf(row);
}

const bestOf = ({ lower_is_better, min, max }: Summary): number | null =>
  lower_is_better === null ? null : lower_is_better ? min : max;

/** What runs said here of which value of a metric is the best, which may come before its first. */
const defined = new WeakMap<RunWithSummary, Map<unknown, boolean>>();

/** Anything else says nothing, however new it is. */
const isDirection = (best: unknown): boolean => best === "min" || best === "max";

/** The list is a new one, so that columns are too. */
function define(run: RunWithSummary, metric: unknown, isLower: boolean): void {
  defined.set(run, new Map([...(defined.get(run) ?? []), [metric, isLower]]));
  run.summary = run.summary.map((row) => {
    if (row.metric !== metric) return row;
    const judged = { ...row, lower_is_better: isLower };
    return { ...judged, best: bestOf(judged) };
  });
}

export const askedStop = ({ actor, logs }: Pick<AuditEntry, "actor" | "logs">, at: string): AskedStop => ({
  actor,
  reason: textOrNull(logs?.reason),
  at,
});

/** Another value that was asked for, and what the run made of it; null: nothing yet. */
export interface AskedAdjustment extends AskedStop {
  name: string;
  value: number;
  answer: { kind: "applied"; value: number } | { kind: "refused"; why: string } | null;
}

/** Whether an event says what became of an adjustment: it stands in the audit, by nobody. */
export const isAnswer = ({ kind }: Pick<StreamedEvent, "kind">): boolean =>
  kind === "adjust_applied" || kind === "adjust_refused";

/** Of each name the last value that was asked for. */
export function lastAdjustments(audit: readonly AuditEntry[]): AskedAdjustment[] {
  const last = new Map<string, AskedAdjustment>();
  const byId = new Map<unknown, AskedAdjustment>();
  for (const { event_id, kind, actor, at, logs } of audit) {
    const { name, value: sent, adjust_event_id, applied, why } = logs ?? {};
    const value = numberOf(sent);
    if (kind === "adjust_requested" && typeof name === "string" && value !== undefined) {
      const asked: AskedAdjustment = { ...askedStop({ actor, logs }, at), name, value, answer: null };
      last.set(name, asked);
      byId.set(event_id, asked);
    }
    const answered = byId.get(adjust_event_id);
    if (answered === undefined) continue;
    if (kind === "adjust_applied") answered.answer = { kind: "applied", value: numberOf(applied) ?? Number.NaN };
    if (kind === "adjust_refused") answered.answer = { kind: "refused", why: textOrNull(why) ?? "no reason given" };
  }
  return [...last.values()];
}

/** The last request to stop, answered or not. */
export function lastStop(audit: readonly AuditEntry[]): AskedStop | null {
  const entry = audit.findLast(({ kind }) => kind === "stop_requested");
  return entry ? askedStop(entry, entry.at) : null;
}
