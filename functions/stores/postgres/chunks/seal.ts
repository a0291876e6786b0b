import type pg from "pg";
import type { RunName } from "../../run-key.ts";
import { readHorizon } from "../reader.ts";
import { queryOf } from "../statements.ts";
import { sealValues } from "./seal-values.ts";
import { tailOf, type WindowRow, windowOf } from "./window.ts";

/** What came of sealing a window, of the events that were looked at for it. */
export interface Sealed {
  sealed: number;
  left: number;
  /** They were as many as are looked at for one window: there may be more to be sealed. */
  isWhole: boolean;
}

/**
 * Seals the run's oldest events, as chunks and a moved mark. Fewer than a whole window are left
 * alone unless all are asked for. What has been read is added in one statement or not at all: where
 * another session was quicker, or the connection breaks half-way. There is no transaction around
 * the two, which a process that is frozen between them would keep open, and hold up all readers
 * with it. Where all are asked for, nothing is left out of the run's lines in the end.
 */
export async function sealWindow(pool: pg.Pool, run: RunName, how: { all: boolean }): Promise<Sealed> {
  const outcome = await sealOldest(pool, run, how);
  if (how.all && !outcome.isWhole) await pool.query(queryOf("linesExtend", { project: run.project, run: run.run }));
  return outcome;
}

async function sealOldest(pool: pg.Pool, run: RunName, how: { all: boolean }): Promise<Sealed> {
  const horizon = await readHorizon(pool);
  const read = queryOf("chunkWindow", { project: run.project, run: run.run, horizon });
  const tail = tailOf((await pool.query<WindowRow>(read)).rows[0] as WindowRow);
  if (tail === null) return { sealed: 0, left: 0, isWhole: false };
  const { isWhole, kinds } = tail;
  const window = how.all || isWhole ? windowOf(tail) : null;
  if (window === null) return { sealed: 0, left: kinds.length, isWhole: false };
  const { rows } = await pool.query<{ sealed: boolean }>(queryOf("chunkSeal", sealValues(run, window)));
  const sealed = rows[0]?.sealed === true ? window.events : 0;
  return { sealed, left: kinds.length - sealed, isWhole };
}
