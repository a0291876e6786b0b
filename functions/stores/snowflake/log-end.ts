import type { Values } from "../named-parameters.ts";
import type { Cursor } from "../store.ts";
import { APPEND_LASTS_MS } from "./append.ts";
import { openNewestMark } from "./newest-mark.ts";
import { msOf, positionsIn } from "./position.ts";
import type { StatementName } from "./statements.ts";

/** Runs a statement of the store, tried again while the database is away. */
export type ReadStatement = <Row extends object>(name: StatementName, values?: Values) => Promise<Row[]>;

export interface LogEnd {
  /** The position below which nothing new can appear. */
  horizon(): Promise<Cursor>;
  /** The newest mark as it is now; null in a log without any. */
  newest(): Promise<bigint | null>;
  /**
   * Where a reader who asks for what comes after `after` stands when nothing is new. No warehouse
   * is woken to say so. null: something may be there.
   */
  atEnd(after: Cursor): Promise<Cursor | null>;
  /** What was known is out of date: this process appended. */
  moved(): void;
  watch(wake: () => void): () => void;
  close(): void;
}

export interface LogEndOptions {
  /** How often the end is looked at while someone waits for it. */
  pollMs: number;
  /** How far the clocks of the service may differ. */
  skewMs: number;
}

/** Watches where the log ends for readers. */
export function openLogEnd(read: ReadStatement, { pollMs, skewMs }: LogEndOptions): LogEnd {
  const newest = async () => {
    const [row] = await read<{ newest: string | null }>("newestMark");
    return row?.newest == null ? null : BigInt(row.newest);
  };
  const mark = openNewestMark(newest, pollMs);

  /** The position below which every event of the appends that have begun will stand. */
  const endOf = (latest: bigint | null): bigint =>
    latest === null ? 0n : latest + BigInt(positionsIn(APPEND_LASTS_MS));

  const horizon = async (): Promise<Cursor> => {
    const latest = await mark.latest();
    // Nobody has written for so long that no append can be under way: known without a warehouse.
    if (latest === null || msOf(latest) < Date.now() - 2 * APPEND_LASTS_MS) return String(endOf(latest));
    const values = { append_lasts: positionsIn(APPEND_LASTS_MS), skew: positionsIn(skewMs) };
    const [row] = await read<{ horizon: string }>("horizon", values);
    return (row as { horizon: string }).horizon;
  };

  return {
    horizon,
    newest,
    async atEnd(after) {
      if (BigInt(after) < endOf(await mark.latest())) return null;
      // A position that lies in the future is one of another log.
      const isOther = msOf(BigInt(after)) > Date.now() + APPEND_LASTS_MS;
      return isOther ? await horizon() : after;
    },
    moved: mark.moved,
    watch: mark.watch,
    close: mark.close,
  };
}
