import pg from "pg";
import { queryOf } from "./statements.ts";

export interface PurgeOrder {
  project: string;
  /** All runs of the project where it is left out. */
  run?: string | undefined;
  /** Only runs whose last event came longer ago. */
  olderThanDays?: number | undefined;
  /** Who wants it, and why: kept for good. */
  actor: string;
  reason: string;
}

export interface PurgeTarget {
  run: string;
  events: number;
  /** ISO 8601 in UTC. */
  last_event_at: string;
}

export interface Purge {
  /** What would go. A run whose purge was cut off is among them until nothing of it is left. */
  targets(): Promise<PurgeTarget[]>;
  /** Erases one of them; told how many events of it are gone. */
  erase(target: PurgeTarget, onProgress?: (events: number) => void): Promise<void>;
  /**
   * Gives the space back, which takes the erased rows off the disk, and their values out of the
   * statistics.
   */
  vacuum(): Promise<void>;
  close(): Promise<void>;
}

/** How long new events may wait for the tombstone, and it for those under way. */
const LOCK_TIMEOUT_MS = 2_000;
const LOCK_NOT_AVAILABLE = "55P03";
const LOCK_ATTEMPTS = 30;

/**
 * Erases runs: their events and all that is derived of them. A tombstone is set first, in a
 * transaction of its own that waits for inserts and sealing under way and holds up new ones, so
 * that nothing passes it. The rest goes in small transactions, because streams wait for the oldest
 * one.
 */
export async function openPurge(ownerUrl: string, order: PurgeOrder): Promise<Purge> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "integraviz purge" });
  await client.connect();
  await client.query("SET search_path = integraviz");
  const { project, actor, reason } = order;

  async function setTombstone({ run, events, last_event_at }: PurgeTarget): Promise<void> {
    const logs = { reason, events, last_event_at };
    for (let attempt = 1; ; attempt++) {
      try {
        await client.query("BEGIN");
        await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        // Against inserts, sealing and other purges, not against readers.
        await client.query("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE");
        await client.query("SELECT hold_windows()");
        await client.query(queryOf("purgeTombstone", { project, run, actor, logs }));
        await client.query("COMMIT");
        return;
      } catch (error) {
        await client.query("ROLLBACK");
        const isLocked = (error as { code?: string }).code === LOCK_NOT_AVAILABLE;
        if (!isLocked || attempt === LOCK_ATTEMPTS) throw error;
      }
    }
  }

  /** Tables made of the log, which go with it. Each has `project` and `run_id`. */
  async function derivedTables(): Promise<string[]> {
    const { rows } = await client.query<{ name: string }>("SELECT name::text FROM metric_tables() AS name");
    return rows.map(({ name }) => name);
  }

  async function eraseDerived(run: string): Promise<void> {
    const tables = await derivedTables();
    await client.query("BEGIN");
    for (const table of tables) {
      await client.query(`DELETE FROM ${table} WHERE project = $1 AND run_id = $2`, [project, run]);
    }
    await client.query("COMMIT");
  }

  return {
    async targets() {
      const values = { project, run: order.run ?? null, days: order.olderThanDays ?? null };
      return (await client.query<PurgeTarget>(queryOf("purgeTargets", values))).rows;
    },
    async erase(target, onProgress = () => {}) {
      await setTombstone(target);
      // Before the events, so that a run that is cut off is still found by them.
      await eraseDerived(target.run);
      for (let gone = 0; ; ) {
        const { rowCount } = await client.query(queryOf("purgeBatch", { project, run: target.run }));
        if (!rowCount) break;
        gone += rowCount;
        onProgress(gone);
      }
    },
    async vacuum() {
      for (const table of ["events", ...(await derivedTables())])
        await client.query(`VACUUM (ANALYZE, INDEX_CLEANUP ON) ${table}`);
    },
    close: () => client.end(),
  };
}
