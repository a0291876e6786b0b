import type { Cursor } from "./store.ts";

/** What the logs of a page of the log may come to, with the event that reaches it. */
export const LOG_PAGE_BYTES = 16 * 1024 * 1024;

/** As `LOG_PAGE_BYTES`, of a page of a stream: it is held as rows, as JSON and as what is sent. */
export const EVENTS_PAGE_BYTES = 4 * 1024 * 1024;

interface RowWithLogs {
  pos: string;
  /** JSON text. */
  logs: unknown;
}

/** Cuts a page from rows that end with `limit` or with the bytes of their logs, logs as text. */
export function pageWithinBytes<Row extends RowWithLogs>(
  rows: Row[],
  { limit, bytes, end }: { limit: number; bytes: number; end: Cursor },
): RowPage<Row> {
  const paged = pageOf(rows, limit, end);
  const found = rows.reduce((sum, { logs }) => sum + Buffer.byteLength((logs ?? "") as string), 0);
  return paged.more || found < bytes ? paged : { page: rows, cursor: behind(rows), more: true };
}

const behind = (rows: readonly { pos: string }[]): Cursor => String(BigInt((rows.at(-1) as { pos: string }).pos) + 1n);

export interface RowPage<Row> {
  page: Row[];
  /** The position to read on from. */
  cursor: Cursor;
  more: boolean;
}

/**
 * Cuts a page from rows that came in their order, of which more than `limit` were asked for: at
 * most `limit` of them, and no position of which another row is left, unless all of them share one.
 * The cursor is `end` where these are all.
 */
export function pageOf<Row extends { pos: string }>(rows: Row[], limit: number, end: Cursor): RowPage<Row> {
  const cut = rows[limit]?.pos;
  if (cut === undefined) return { page: rows, cursor: end, more: false };
  const whole = rows.slice(0, limit).filter(({ pos }) => pos !== cut);
  const page = whole.length > 0 ? whole : rows.filter(({ pos }) => pos === cut);
  return { page, cursor: behind(page), more: true };
}
