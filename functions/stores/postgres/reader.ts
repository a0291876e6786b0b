import type pg from "pg";
import type { Values } from "../named-parameters.ts";
import type { Cursor } from "../store.ts";
import { retrying } from "./connection.ts";
import { queryOf, type StatementName } from "./statements.ts";

export const READ_DEADLINE_MS = 2_000;

/** Runs statements by the pool of reads, tried again while the database is away. */
export interface Reader {
  read<Row extends object>(name: StatementName, values?: Values): Promise<Row[]>;
  /** The position below which nothing new can appear: all older transactions have ended. */
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
    async horizon() {
      const [row] = await rows<{ horizon: string }>({ text: "SELECT log_horizon() AS horizon" });
      return (row as { horizon: string }).horizon;
    },
    isReading: () => underWay > 0,
  };
}
