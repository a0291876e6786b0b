import { Refusal } from "../../refusals/refusal.ts";
import { type EventRow, type LogRow, toLogged, toStreamed } from "../driver-rows.ts";
import { EVENTS_PAGE_BYTES, LOG_PAGE_BYTES, pageWithinBytes } from "../log-pages.ts";
import { createReads, type SharedStatement } from "../reads.ts";
import type { Store } from "../store.ts";
import { untilSettled } from "../until-settled.ts";
import { readControl } from "./append.ts";
import { APPEND_DEADLINE_MS, APPENDS_UNDER_WAY, createCoalescer } from "./append-coalescer.ts";
import { sealWindow } from "./chunks/seal.ts";
import { createSealer } from "./chunks/sealer.ts";
import { readSeries } from "./chunks/series.ts";
import { isPassing, type PostgresAddress, retrying } from "./connection.ts";
import { watchDisk } from "./disk.ts";
import { AppendListener } from "./listener.ts";
import { cursorAt, readLogEnd } from "./log-end.ts";
import { openPools, type Pools } from "./pools.ts";
import { createReader, READ_DEADLINE_MS, type Reader } from "./reader.ts";
import { runSql } from "./sql-panel.ts";
import { queryOf } from "./statements.ts";

export interface PostgresOptions {
  /** Logs in as integraviz_writer: appends and reads, can neither change nor remove. */
  writerUrl: PostgresAddress;
  /**
   * Logs in as integraviz_reader: sees the views only. Logins of single projects go to the same
   * server.
   */
  readerUrl: PostgresAddress;
  /** Told when a connection breaks; the store goes on by itself. */
  onLoss?: (error: Error) => void;
  /** false leaves every point in the log, where it is read all the same. Default: true. */
  seals?: boolean;
  /** Told once that the disk is full, and once that there is room again. Default: `report`. */
  onFull?: (isFull: boolean) => void;
  /** Told of errors in what is done behind the answers. Default: console.error. */
  report?: (error: unknown) => void;
}

/** The Store with what only this one can do. */
export interface PostgresStore extends Store {
  /** Resolves when nothing is being sealed or about to be. */
  sealed(): Promise<void>;
}

const READING = { deadlineMs: READ_DEADLINE_MS };

/** Opens the Store on PostgreSQL 14 or newer, on a database that `migrate` has prepared. */
export function openPostgresStore(options: PostgresOptions): PostgresStore {
  const { writerUrl, readerUrl, seals = true, onLoss = () => {}, report = console.error } = options;
  const { onFull = (isFull) => isFull && report(new Refusal("store-full")) } = options;
  const disk = watchDisk(onFull);
  const limits = { appendsUnderWay: APPENDS_UNDER_WAY, appendDeadlineMs: APPEND_DEADLINE_MS };
  const pools = openPools({ writerUrl, readerUrl, onLoss, ...limits });
  const reader = createReader(pools.reads);
  const listener = new AppendListener(writerUrl);
  const sealer = createSealer({
    seal: (run, how) => sealWindow(pools.sealing, run, how),
    report: (error) => {
      if (!isPassing(error)) report(error);
    },
  });
  const coalescer = createCoalescer(pools, reader, sealer, disk);
  const shared = sharedReads(pools, reader);
  const seriesReader = { read: reader.read, onLongTail: seals ? sealer.request : () => {} };

  return {
    ...shared,

    health: async () => disk.of(await shared.health()),

    async append(events) {
      const appended = await coalescer.submit(events);
      if (seals) sealer.saw(events);
      return appended;
    },

    series: (query) => readSeries(seriesReader, query),

    async events({ project, after, runs = null, limit }) {
      const end = await reader.horizon();
      const bytes = EVENTS_PAGE_BYTES;
      const asked = { project, after, runs, limit: limit + 1, bytes, end };
      const rows = await reader.read<EventRow>("events", asked);
      const { page, ...rest } = pageWithinBytes(rows, { limit, bytes, end: await cursorAt(reader, after, end) });
      return { events: page.map(toStreamed), ...rest };
    },

    async log({ after, before, project = null, run = null, limit }) {
      const part = { after: after ?? "0", before, project, run };
      const bytes = LOG_PAGE_BYTES;
      const rows = await reader.read<LogRow>("log", { ...part, limit: limit + 1, bytes });
      const { page, ...rest } = pageWithinBytes(rows, { limit, bytes, end: before });
      return { events: page.map(toLogged), ...rest };
    },

    settled: async () => untilSettled(await readLogEnd(reader), reader.horizon),

    onAppend: (wake) => listener.add(wake),
    sql: (statement) => retrying(() => runSql(pools.panel, statement), READING),
    sqlWithin(projects, statement) {
      const once = () => pools.panelLogins.use(projects, (pool) => runSql(pool, statement, { queriesOnly: true }));
      return retrying(once, READING);
    },

    async denyToken(jti, actor) {
      await reader.read("denyToken", { jti, actor });
    },

    sealed: sealer.idle,

    async close() {
      await coalescer.close();
      await listener.close();
      await sealer.close();
      await pools.close();
    },
  };
}

function sharedReads({ appends, reads, pulse }: Pools, reader: Reader) {
  return createReads({
    kind: "postgres",
    horizon: reader.horizon,
    read: (name: SharedStatement, values) => reader.read(name, values),
    // By a connection of appends: a process that only ever appends logs in once.
    readDeniedTokens: () =>
      retrying(async () => (await appends.query<{ jti: string }>(queryOf("deniedTokens"))).rows, READING),
    control: (project, runs) => retrying(() => readControl(reads, project, runs), READING),
    ping: () => pulse.query("SELECT 1"),
    hasAnswered: (error) => !isPassing(error),
  });
}
