import type { Int } from "../event/event.ts";
import type { LoggedEvent, StreamedEvent, Summary, Value } from "./store.ts";

/** Rows as drivers give them (numbers as text) to what the Store promises. */

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

export interface SummaryRow extends Omit<Summary, "first" | "last"> {
  run: string;
  first_text: string;
  last_text: string;
}

export function summaryOf({
  metric,
  split,
  level,
  points,
  first_text,
  last_text,
  best,
  min,
  max,
}: SummaryRow): Summary {
  return { metric, split, level, points, first: numberOf(first_text), last: numberOf(last_text), best, min, max };
}

export interface EventRow extends Omit<StreamedEvent, "seq" | "epoch" | "step" | "batch"> {
  pos: string;
  seq: string;
  epoch: string | null;
  step: string | null;
  batch: string | null;
}

export function streamedOf({ pos: _, ...row }: EventRow): StreamedEvent {
  const whole = (text: string | null) => (text === null ? null : numberOf(text));
  return { ...row, seq: numberOf(row.seq), epoch: whole(row.epoch), step: whole(row.step), batch: whole(row.batch) };
}

export interface LogRow extends Pick<LoggedEvent, "project" | "run" | "id" | "writer" | "kind" | "actor"> {
  pos: string;
  seq: string;
  epoch: string | null;
  step: string | null;
  batch: string | null;
  /** µs since 1970. */
  created_at: string;
  /** µs since 1970. */
  received_at: string;
  sent_skew: number | string | null;
  /** As text or as the driver reads it. */
  logs: string | object | null;
}

export function loggedOf({ pos: _, created_at, received_at, sent_skew, logs, ...row }: LogRow): LoggedEvent {
  const whole = (text: string | null) => (text === null ? null : intOf(text));
  return {
    ...row,
    seq: intOf(row.seq),
    epoch: whole(row.epoch),
    step: whole(row.step),
    batch: whole(row.batch),
    createdAt: Number(created_at),
    receivedAt: Number(received_at),
    sentSkew: sent_skew === null ? null : Number(sent_skew),
    // Databases write 1e-7 and 1e21 out in digits; the contract has them as JavaScript does.
    logs: logs === null ? null : JSON.stringify(typeof logs === "string" ? JSON.parse(logs) : logs),
  };
}

/** What the logs of a page of the log may come to, with the event that reaches it. */
export const LOG_PAGE_BYTES = 16 * 1024 * 1024;

/** Whether a page may have ended at its bytes, so that more may follow. */
export function isFull(rows: readonly LogRow[]): boolean {
  return rows.reduce((sum, { logs }) => sum + Buffer.byteLength((logs ?? "") as string), 0) >= LOG_PAGE_BYTES;
}

/** A number where that is exact, else a bigint. */
export function intOf(text: string): Int {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/**
 * A page of rows that came in their order, of which more than `limit` were asked for: at most
 * `limit` of them, and no position of which another row is left, unless all of them share one. The
 * cursor is the position to read on from: `end` where these are all.
 */
export function pageOf<Row extends { pos: string }>(
  rows: Row[],
  limit: number,
  end: string,
): { page: Row[]; cursor: string; more: boolean } {
  const cut = rows[limit]?.pos;
  if (cut === undefined) return { page: rows, cursor: end, more: false };
  const whole = rows.slice(0, limit).filter(({ pos }) => pos !== cut);
  const page = whole.length > 0 ? whole : rows.filter(({ pos }) => pos === cut);
  return { page, cursor: String(BigInt((page.at(-1) as Row).pos) + 1n), more: true };
}
