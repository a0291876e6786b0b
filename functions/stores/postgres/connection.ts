import pg from "pg";
import { Refusal } from "../../refusals/refusal.ts";
import { AGAIN, retryWhile } from "../retry.ts";

/**
 * A connection URL, or the driver's own settings where a URL cannot say all, such as a CA of the
 * server's own.
 */
export type PostgresAddress = string | pg.ClientConfig;

export function clientOf(address: PostgresAddress): pg.ClientConfig {
  return typeof address === "string" ? { connectionString: address } : address;
}

export interface PoolOptions {
  max: number;
  /** Told when a connection breaks. */
  onLoss: (error: Error) => void;
  /** Run on every new connection before it is used. */
  first?: string;
}

/**
 * A pool whose idle connections may break without taking the process with them. Its statements have
 * names, which a pooler in transaction mode does not keep (findings/README.md, E2).
 */
export function openPool(address: PostgresAddress, { max, onLoss, first }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...clientOf(address),
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: "integraviz",
    ...(first === undefined ? {} : { onConnect: (client: pg.ClientBase) => client.query(first) }),
  });
  pool.on("error", onLoss);
  // The pool listens only while it holds a connection, and one that is given out may break between
  // two statements.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** Tries again while PostgreSQL is out of reach. */
export const retrying = <T>(work: () => Promise<T>, { deadlineMs }: { deadlineMs: number }): Promise<T> =>
  retryWhile(
    isPassing,
    () =>
      work().catch((error) => {
        if ((error as { code?: string }).code === DISK_FULL)
          throw new Refusal("store-full", undefined, { retryAfter: 5 });
        throw (error as Error).message === NONE_FREE ? noneFree() : error;
      }),
    { deadlineMs },
  );

/** disk_full: no moment's waiting helps. */
const DISK_FULL = "53100";

/** What pg-pool says when every connection it may have was in use for as long as it waits. */
const NONE_FREE = "timeout exceeded when trying to connect";

function noneFree(): Refusal {
  return new Refusal("store-busy", "Every connection to the database is busy.", AGAIN);
}

// Of the server's errcodes.txt: read_only_sql_transaction (a primary that has become a standby),
// serialization_failure, deadlock_detected, disk_full, out_of_memory, too_many_connections,
// admin_shutdown, crash_shutdown, cannot_connect_now; class 08 is "connection exception".
const PASSING_CODES = new Set(["25006", "40001", "40P01", "53100", "53200", "53300", "57P01", "57P02", "57P03"]);
const PASSING_SYSTEM_CODES = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Whether the same statement may succeed in a moment. */
export function isPassing(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== undefined) return PASSING_CODES.has(code) || code.startsWith("08") || PASSING_SYSTEM_CODES.has(code);
  // The driver's own errors have no code.
  return /^(Connection terminated|timeout exceeded|Query read timeout|Client has encountered a connection error)/.test(
    message ?? "",
  );
}

/**
 * Whether an error is about a row, and not about all of a statement: class 22 is "data exception",
 * 23 "integrity constraint violation".
 */
export function isOfRow(error: unknown): boolean {
  return /^2[23]...$/.test(String((error as { code?: unknown }).code));
}
