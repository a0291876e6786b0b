import type pg from "pg";
import { clientOf, openPool, type PostgresAddress } from "./connection.ts";
import { openPanelLogins, type PanelLogins } from "./panel-logins.ts";

/**
 * The connections of a store, apart by what they are for, so that none waits behind another kind.
 */
export interface Pools {
  appends: pg.Pool;
  reads: pg.Pool;
  sealing: pg.Pool;
  /** Whether the database answers is not asked behind what takes long. */
  pulse: pg.Pool;
  /** The SQL panel's, as the reader. */
  panel: pg.Pool;
  /** The SQL panel's, as logins of some projects. */
  panelLogins: PanelLogins;
  close(): Promise<void>;
}

export interface PoolsOptions {
  writerUrl: PostgresAddress;
  readerUrl: PostgresAddress;
  /** Statements of `appends` at the same time. */
  appendsUnderWay: number;
  appendDeadlineMs: number;
  onLoss: (error: Error) => void;
}

const READS_UNDER_WAY = 4;
const PANEL_UNDER_WAY = 2;
const HEALTH_DEADLINE_MS = 3_000;
// Planning the statement anew for every set of arrays would cost more than a small insert itself.
const PLAN_ONCE = "SET plan_cache_mode = force_generic_plan";
// A window is the beginning of a run's tail, as it stands in the index: where it knows little of a
// table that has just begun to grow, the planner would read all of the tail and sort it. A crash
// may undo a window; then it is made again.
const TO_SEAL = "SET enable_bitmapscan = off; SET synchronous_commit = off";

/** Opens pools that connect when they are first used. */
export function openPools(options: PoolsOptions): Pools {
  const { writerUrl, readerUrl, appendsUnderWay, appendDeadlineMs, onLoss } = options;
  const appends = openPool(
    // A line that is dead and says nothing would hold up its statement for minutes.
    { ...clientOf(writerUrl), query_timeout: appendDeadlineMs },
    // One more, by which the tokens that were taken back are read.
    { max: appendsUnderWay + 1, onLoss, first: PLAN_ONCE },
  );
  const reads = openPool(writerUrl, { max: READS_UNDER_WAY, onLoss });
  const sealing = openPool(writerUrl, { max: 1, onLoss, first: TO_SEAL });
  const pulse = openPool({ ...clientOf(writerUrl), query_timeout: HEALTH_DEADLINE_MS }, { max: 1, onLoss });
  const panel = openPool(readerUrl, { max: PANEL_UNDER_WAY, onLoss });
  const panelLogins = openPanelLogins(reads, readerUrl, { max: PANEL_UNDER_WAY, onLoss });
  return {
    appends,
    reads,
    sealing,
    pulse,
    panel,
    panelLogins,
    async close() {
      await Promise.all([...[appends, reads, sealing, pulse, panel].map((pool) => pool.end()), panelLogins.close()]);
    },
  };
}
