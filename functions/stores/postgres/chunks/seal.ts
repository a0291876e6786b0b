import type pg from "pg";
import { statements } from "../statements.ts";
import { sealColumns } from "./seal-columns.ts";
import { tailOf, WINDOW_EVENTS, type WindowRow, windowOf } from "./window.ts";

/**
 * Seals the run's oldest events in one transaction, as chunks and a moved mark, and answers how many of those it has
 * looked at are left in the tail. Fewer than a whole window are left alone unless all are asked for. Where
 * another session was quicker nothing is done; so it is for a connection that breaks half-way.
 */
export async function sealWindow(
  pool: pg.Pool,
  run: { project: string; run: string },
  how: { all: boolean },
): Promise<{ sealed: number; left: number }> {
  const client = await pool.connect();
  const id = [run.project, run.run];
  try {
    await client.query("BEGIN");
    const { rows } = await client.query<WindowRow>({
      name: "chunk-window",
      text: statements.chunkWindow,
      values: id,
    });
    const tail = tailOf(rows[0] as WindowRow);
    const seen = tail?.kinds.length ?? 0;
    const window = tail !== null && (how.all || seen >= WINDOW_EVENTS) ? windowOf(tail) : null;
    const isSealed =
      window !== null &&
      (
        await client.query<{ sealed: boolean }>({
          name: "chunk-seal",
          text: statements.chunkSeal,
          values: [...id, ...sealColumns(window)],
        })
      ).rows[0]?.sealed === true;
    await client.query("COMMIT");
    client.release();
    return isSealed ? { sealed: window.events, left: seen - window.events } : { sealed: 0, left: seen };
  } catch (error) {
    // The transaction goes with its connection.
    client.release(true);
    throw error;
  }
}
