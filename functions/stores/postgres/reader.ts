import type pg from "pg";
import type { Values } from "../named-parameters.ts";
import type { Cursor } from "../store.ts";
import { retrying } from "./connection.ts";
import { queryOf, type StatementName } from "./statements.ts";

export const READ_DEADLINE_MS = 2_000;

/** Runs statements by the pool of reads, tried again while the database is away. */
export interface Reader {
  read<Row extends object>(name: StatementName, values?: Values): Promise<Row[]>;
  /** See `readHorizon`. */
  horizon(): Promise<Cursor>;
  /** Whether somebody waits for a read. */
  isReading(): boolean;
}

/** Creates a reader over the pool. */
export function createReader(pool: pg.Pool): Reader {
  let underWay = 0;

  const rows = <Row extends object>(query: pg.QueryConfig): Promise<Row[]> =>
    retrying(async () => (await pool.query<Row>(query)).rows, { deadlineMs: READ_DEADLINE_MS });

  return {
    async read<Row extends object>(name: StatementName, values?: Values) {
      underWay += 1;
      try {
        return await rows<Row>(queryOf(name, values));
      } finally {
        underWay -= 1;
      }
    },
    horizon: () => retrying(() => readHorizon(pool), { deadlineMs: READ_DEADLINE_MS }),
    isReading: () => underWay > 0,
  };
}

/**
 * Reads the position below which nothing new can appear, for statements after this one: all older
 * transactions that could append have ended.
 */
export async function readHorizon(pool: pg.Pool): Promise<Cursor> {
  const { rows } = await pool.query<{ horizon: string }>("SELECT log_horizon() AS horizon");
  return (rows[0] as { horizon: string }).horizon;
}
