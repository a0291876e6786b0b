import type { SqlResult } from "../../../functions/stores/store.ts";
import { formatDuration, formatNumber, formatShort } from "../layout/format.ts";
import { cellNumber, cellTime } from "../sql/columns.ts";

/** How a panel's number is written, as its spec says. */
export type Format = "number" | "percent" | "integer" | "seconds";

const WRITTEN: Record<Format, (value: number) => string> = {
  number: formatNumber,
  percent: (value) => `${formatShort(value * 100)} %`,
  integer: (value) => formatNumber(Math.round(value)),
  seconds: (value) => formatDuration(value * 1000),
};

export const formatted = (value: number | null, format: Format): string =>
  value === null ? "–" : WRITTEN[format](value);

/** The only number of an answer; null where there is none. */
export function onlyNumber({ rows }: SqlResult): number | null {
  return cellNumber(rows[0]?.[0]);
}

export const indexOf = ({ columns }: SqlResult, name: string): number =>
  columns.findIndex((column) => column.name === name);

/** A cell as a place on an axis, and whether it is a time. */
export function axisValueOf(cell: unknown): { x: number; isTime: boolean } | null {
  const number = cellNumber(cell);
  if (number !== null) return { x: number, isTime: false };
  const time = cellTime(cell);
  return time === null ? null : { x: time, isTime: true };
}
