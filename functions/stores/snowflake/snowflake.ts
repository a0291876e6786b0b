import type { Event } from "../../event/event.ts";
import { Coalescer } from "../coalescer.ts";
import { type EventRow, type LogRow, toLogged, toStreamed } from "../driver-rows.ts";
import { EVENTS_PAGE_BYTES, pageOf, pageWithinBytes } from "../log-pages.ts";
import { createReads } from "../reads.ts";
import { bytesOf, ROOM_BYTES } from "../request-size.ts";
import type { Appended, Store } from "../store.ts";
import { untilSettled } from "../until-settled.ts";
import { APPEND_LASTS_MS, appendTogether, readControl } from "./append.ts";
import { type Connection, isPassing, openConnection, retrying, type SnowflakeLogin } from "./connection.ts";
import { openLogEnd, type ReadStatement } from "./log-end.ts";
import { positionsIn } from "./position.ts";
import { readSeries } from "./series.ts";
import { runSql } from "./sql-panel.ts";
import { statementOf } from "./statements.ts";

export interface SnowflakeOptions {
  /** Appends and reads, can neither change nor remove. */
  writer: SnowflakeLogin;
  /** Sees the views only. */
  reader: SnowflakeLogin;
  /** Told when a connection breaks; the store goes on by itself. */
  onLoss?: (error: Error) => void;
  /** How often the end of the log is looked at while someone waits for it. Default: 5 s. */
  pollMs?: number;
  /**
   * How far the clocks of the service may differ: readers with a cursor stay this far behind.
   * Default: 1 s.
   */
  skewMs?: number;
}

// One statement at a time in the session, as large as it gets: what is fixed in one costs more than
// a thousand events.
const APPENDS_UNDER_WAY = 1;
/**
 * Beyond 1 MB a statement, binds included, is not advised
 * (docs.snowflake.com/user-guide/query-size-limits).
 */
const STATEMENT_BYTES = 1_000_000;
/**
 * An event's columns. A statement has fewer events than positions of its own
 * (`EVENTS_A_STATEMENT`).
 */
const EVENT_BYTES = 250;
/** With the resuming of a warehouse, which takes seconds. */
const APPEND_DEADLINE_MS = 40_000;
const READING = { deadlineMs: 20_000 };
const READ_SECONDS = 15;

/** Opens the Store on Snowflake, in a schema that `migrate` has prepared. */
export function openSnowflakeStore(options: SnowflakeOptions): Store {
  const { pollMs = 5_000, skewMs = 1_000, onLoss = () => {} } = options;
  const appends = openConnection(options.writer, onLoss);
  const reads = openConnection(options.writer, onLoss);
  const panel = openConnection(options.reader, onLoss);
  const read = readBy(reads);
  const logEnd = openLogEnd(read, { pollMs, skewMs });
  const coalescer = createCoalescer(appends);
  const twice_within = positionsIn(APPEND_LASTS_MS);

  return {
    ...createReads({
      kind: "snowflake",
      read,
      horizon: logEnd.horizon,
      // By the connection of appends: a process that only ever appends logs in once.
      readDeniedTokens: () => readBy(appends)<{ jti: string }>("deniedTokens"),
      control(project, ids) {
        const runs = ids.map((run) => ({ project, run }));
        return retrying(() => readControl(reads, runs), READING);
      },
      ping: () => reads.rows({ sql: "SELECT 1", timeoutSeconds: READ_SECONDS }),
      hasAnswered: (error) => !isPassing(error),
    }),

    async append(events) {
      const appended = await coalescer.submit(events);
      logEnd.moved();
      return appended;
    },

    async series(query) {
      const cursor = await logEnd.horizon();
      return { series: await readSeries(read, query, cursor), cursor };
    },

    async events({ project, after, runs = null, limit }) {
      const at = await logEnd.atEnd(after);
      if (at !== null) return { events: [], cursor: at, more: false };
      const end = await logEnd.horizon();
      const bytes = EVENTS_PAGE_BYTES;
      const part = { project, after, runs, limit: limit + 1, bytes, end };
      const rows = await read<MicrosRow>("events", { ...part, twice_within });
      const { page, cursor, more } = pageWithinBytes(rows, { limit, bytes, end });
      return { events: page.map(toEvent), cursor: BigInt(cursor) < BigInt(after) ? after : cursor, more };
    },

    async log({ after, before, project = null, run = null, limit }) {
      const part = { after: after ?? "0", before, project, run };
      const rows = await read<LogRow>("log", { ...part, limit: limit + 1, twice_within });
      const { page, ...rest } = pageOf(rows, limit, before);
      return { events: page.map(toLogged), ...rest };
    },

    settled: async () => untilSettled(((await logEnd.newest()) ?? -1n) + 1n, logEnd.horizon),
    onAppend: logEnd.watch,
    sql: (statement) => retrying(() => runSql(panel, statement), READING),

    async denyToken(jti, actor) {
      await read("denyToken", { jti, actor });
    },

    async close() {
      await coalescer.close();
      logEnd.close();
      await Promise.all([appends.close(), reads.close(), panel.close()]);
    },
  };
}

function readBy(connection: Connection): ReadStatement {
  return <Row extends object>(...statement: Parameters<ReadStatement>) =>
    retrying(() => connection.rows<Row>({ ...statementOf(...statement), timeoutSeconds: READ_SECONDS }), READING);
}

function createCoalescer(appends: Connection) {
  return new Coalescer<readonly Event[], Appended>({
    underWay: () => APPENDS_UNDER_WAY,
    enough: 1,
    weight: STATEMENT_BYTES,
    room: ROOM_BYTES,
    weigh: (events) => bytesOf(events, EVENT_BYTES),
    deadlineMs: APPEND_DEADLINE_MS,
    run: (requests, withinMs) => retrying(() => appendTogether(appends, requests), { deadlineMs: withinMs }),
    // An error with an SQLSTATE is about a row; anything else is about all of them.
    alone: (error) => typeof (error as { sqlState?: unknown }).sqlState === "string" && !isPassing(error),
  });
}

/** A row of events.sql; `at` in µs. */
type MicrosRow = Omit<EventRow, "at"> & { at: string };

function toEvent(row: MicrosRow) {
  // As date_part counts it elsewhere, seconds first, so that the last bit is the same.
  return toStreamed({ ...row, at: (Number(row.at) / 1e6) * 1000 });
}
