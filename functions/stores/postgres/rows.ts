import type { StreamedEvent, Summary, Value } from "../store.ts";

/** Rows as the driver gives them (bigint and numeric as text) to what the Store promises. */

/** A number where that is exact, else its text. */
export function numberOf(text: string): Value {
  const number = Number(text);
  const exact = /^-?\d+$/.test(text) ? Number.isSafeInteger(number) : Number.isFinite(number);
  return exact && !Object.is(number, -0) ? number : { $num: text };
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
