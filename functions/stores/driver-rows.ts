import type { Event, Int } from "../event/event.ts";
import type { LoggedEvent, Run, RunDetail, StreamedEvent, Summary, Value } from "./store.ts";

/**
 * Turns rows into what the Store promises. Drivers differ: a number may come as text, and JSON as
 * text or as what it says.
 */
type Numeric = number | string;
export type Json<T> = T | string;

/** A number where that is exact, else its text. */
export function numberOf(text: string): Value {
  const number = Number(text);
  const isExact = /^-?\d+$/.test(text) ? isWhole(number, text) : Number.isFinite(number);
  return isExact && !Object.is(number, -0) ? number : { $num: text };
}

/**
 * Whether a double is written as these digits: 1e21 is 1000000000000000000000, but 2^63 is no
 * 9223372036854775807.
 */
function isWhole(number: number, digits: string): boolean {
  if (Number.isSafeInteger(number)) return true;
  if (!Number.isFinite(number)) return false;
  const [, whole, fraction = "", exponent] = /^(-?\d)(?:\.(\d+))?e\+(\d+)$/.exec(number.toExponential()) ?? [];
  return whole + fraction + "0".repeat(Number(exponent) - fraction.length) === digits;
}

export const jsonOf = <T>(value: Json<T>): T => (typeof value === "string" ? (JSON.parse(value) as T) : value);
const jsonOrNull = <T>(value: Json<T> | null): T | null => (value === null ? null : jsonOf(value));
const intOrNull = (text: string | null): Int | null => (text === null ? null : intOf(text));
const doubleOrNull = (value: Numeric | null): number | null => (value === null ? null : Number(value));

export interface RunRow extends Omit<Run, "params" | "tags"> {
  params: Json<Run["params"]>;
  tags: Json<Run["tags"]>;
}

export function toRun(row: RunRow): Run {
  return { ...row, params: jsonOf(row.params), tags: jsonOf(row.tags) };
}

type Audit = RunDetail["audit"][number];

export interface AuditRow extends Omit<Audit, "logs"> {
  logs: Json<Record<string, unknown>> | null;
}

export function toAudit(row: AuditRow): Audit {
  return { ...row, logs: jsonOrNull(row.logs) };
}

export interface SummaryRow extends Pick<Summary, "metric" | "split" | "level" | "lower_is_better"> {
  run: string;
  points: Numeric;
  first_text: string;
  last_text: string;
  best: Numeric | null;
  min: Numeric | null;
  max: Numeric | null;
}

export function toSummary({ metric, split, level, lower_is_better, ...row }: SummaryRow): Summary {
  return {
    metric,
    split,
    level,
    points: Number(row.points),
    first: numberOf(row.first_text),
    last: numberOf(row.last_text),
    best: doubleOrNull(row.best),
    min: doubleOrNull(row.min),
    max: doubleOrNull(row.max),
    lower_is_better,
  };
}

/** Coordinates of an event as the drivers give integers. */
interface IntegerColumns {
  seq: string;
  epoch: string | null;
  step: string | null;
  batch: string | null;
}

export interface EventRow extends Omit<StreamedEvent, keyof IntegerColumns | "logs">, IntegerColumns {
  pos: string;
  logs: Json<Record<string, unknown>> | null;
}

export function toStreamed({ pos: _, ...row }: EventRow): StreamedEvent {
  const whole = (text: string | null) => (text === null ? null : numberOf(text));
  const [epoch, step, batch] = [whole(row.epoch), whole(row.step), whole(row.batch)];
  return { ...row, seq: numberOf(row.seq), epoch, step, batch, logs: jsonOrNull(row.logs) };
}

type Named = Pick<LoggedEvent, "project" | "run" | "id" | "writer" | "kind" | "actor">;

/** An event that stands in the log under an id that came again. */
export interface StandingRow extends Named, IntegerColumns {
  /** µs since 1970. */
  created_at: string;
  logs: string | null;
}

export function toStanding(row: StandingRow): Event {
  const { project, run, id, writer, kind, actor, logs } = row;
  return { project, run, id, writer, kind, actor, logs, ...coordinatesOf(row), sentSkew: null };
}

export interface LogRow extends Named, IntegerColumns {
  pos: string;
  /** µs since 1970. */
  created_at: string;
  /** µs since 1970. */
  received_at: string;
  sent_skew: Numeric | null;
  logs: Json<object> | null;
}

export function toLogged({ logs, ...row }: LogRow): LoggedEvent {
  const { project, run, id, writer, kind, actor } = row;
  return {
    project,
    run,
    id,
    writer,
    kind,
    actor,
    ...coordinatesOf(row),
    receivedAt: Number(row.received_at),
    sentSkew: doubleOrNull(row.sent_skew),
    // Databases write 1e-7 and 1e21 out in digits; the contract has them as JavaScript does.
    logs: logs === null ? null : JSON.stringify(jsonOf(logs)),
  };
}

function coordinatesOf({ seq, epoch, step, batch, created_at }: IntegerColumns & { created_at: string }) {
  return {
    seq: intOf(seq),
    epoch: intOrNull(epoch),
    step: intOrNull(step),
    batch: intOrNull(batch),
    createdAt: Number(created_at),
  };
}

/** A number where that is exact, else a bigint. */
export function intOf(text: string): Int {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
