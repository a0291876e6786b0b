import type { Event } from "../../event/event.ts";
import { Coalescer } from "../coalescer.ts";
import { createReads } from "../reads.ts";
import { bytesOf, ROOM_BYTES } from "../request-size.ts";
import type { Appended, Store } from "../store.ts";
import { untilSettled } from "../until-settled.ts";
import { type AppendContext, appendTogether, INSERT_BYTES, INSERT_LASTS_MS, RowRefused } from "./append.ts";
import { type BigqueryLogin, type Client, openClient } from "./client.ts";
import { openControlCache } from "./control.ts";
import { createEventPages } from "./event-pages.ts";
import { createClock, horizonAt, openTicker } from "./horizon.ts";
import { openLogReads } from "./log-reads.ts";
import { retrying } from "./retrying.ts";
import { readSeries } from "./series.ts";
import { runSql } from "./sql-panel.ts";
import { askWith, readWith } from "./statements.ts";

export interface BigqueryOptions {
  /** Appends to the log and reads it (`writer` in components/storage/bigquery.ts). */
  writer: BigqueryLogin;
  /** Reads the views' dataset alone. */
  reader: BigqueryLogin;
  /**
   * How old a position must be before readers with a cursor look at it; less skips what ends late.
   * Default: 10 s.
   */
  settleMs?: number;
  /** How often the log is looked at for those who stream. Default: 5 s. */
  pollMs?: number;
  /** How long what is asked of a run is kept in memory. Default: 10 s. */
  controlMs?: number;
}

/**
 * Longer than an insert is tried, so that none that ends late is skipped, by what the clocks of two
 * processes may differ and what rows of an insert that was given up at the end may take to be seen.
 */
const SETTLE_MS = INSERT_LASTS_MS + 2_000;
const APPENDS_UNDER_WAY = 3;
const BYTES_WORTH_A_REQUEST = 500_000;
/** Of an event's columns, and the least that is billed for a row. */
const EVENT_BYTES = 1_000;
/** An insert is tried for a while, with a look at what stands before and after it. */
const ANSWER_DEADLINE_MS = 30_000;
const READ = { deadlineMs: 5_000, timeoutMs: 20_000 };
/** The whole log is put in order before its first page is there. */
const LOG = { deadlineMs: 5_000, timeoutMs: 300_000 };
const HEALTH_TIMEOUT_MS = 3_000;

/**
 * Opens the Store on BigQuery, on datasets that `migrate` has prepared.
 *
 * What it costs on demand, where a TiB is 6.25 USD and no query reads less than 10 MB
 * (https://cloud.google.com/bigquery/pricing), so that one costs 0.00006 USD at least:
 * - A page that streams asks every `pollMs` for what its project logged that day, since a day is a
 *   partition and a cursor does not narrow it: 1 USD a day up to 10 MB, about 5 USD at 100 MB,
 *   while somebody watches and not else.
 * - A run that logs asks for its control every `controlMs`, which reads its own events of 30 days:
 *   from 0.5 USD a day.
 * - A process that is asked anything looks at the tokens taken back every 10 s: up to 0.5 USD a
 *   day.
 * - An append of fresh events asks nothing; one that may be a resend reads the ids of 30 days,
 *   twice (append.ts).
 * - Lists, runs, summaries, audits and SQL over the views read what they need of the project's
 *   whole history, and a series that of its runs: 0.006 USD a GB, each time. A copy reads the log
 *   once, and puts it in order in one worker's memory: one of many GB is copied by project or run.
 * Streams are behind by `settleMs` to `settleMs + pollMs`.
 */
export function openBigqueryStore(options: BigqueryOptions): Store {
  const { writer, reader, settleMs = SETTLE_MS, pollMs = 5_000, controlMs = 10_000 } = options;
  const times = { settleMs, pollMs };
  const client = openClient(writer);
  const panel = openClient(reader);
  const ask = askWith(client, writer, READ);
  const control = openControlCache(ask, controlMs);
  const clock = createClock();
  const coalescer = createCoalescer({ client, login: writer, ask, control, clock });
  const ticker = openTicker(times);
  const horizon = () => horizonAt(Date.now(), times);
  const cursor = async () => String(horizon());

  return {
    ...createReads({
      kind: "bigquery",
      read: ask,
      horizon: cursor,
      readDeniedTokens: () => ask("deniedTokens", {}),
      control: control.read,
      // Reading what is said of the dataset costs nothing.
      ping: () => client("GET", `/datasets/${writer.dataset}`, { timeoutMs: HEALTH_TIMEOUT_MS }),
      hasAnswered: (error) => typeof (error as { code?: unknown }).code === "number",
    }),

    append: (events) => coalescer.submit(events),
    series: (query) => readSeries(ask, query, horizon()),
    events: createEventPages(ask, horizon),
    log: openLogReads(readWith(client, writer, LOG), LOG),
    settled: () => untilSettled(BigInt(clock()), cursor),
    onAppend: (wake) => ticker.add(wake),
    sql: (statement) => runSql(panel, reader, statement),
    denyToken: (jti, actor) => denyToken(client, writer, jti, actor),

    async close() {
      await coalescer.close();
      ticker.close();
    },
  };
}

function createCoalescer(context: AppendContext) {
  return new Coalescer<readonly Event[], Appended>({
    underWay: () => APPENDS_UNDER_WAY,
    enough: BYTES_WORTH_A_REQUEST,
    weight: INSERT_BYTES,
    room: ROOM_BYTES,
    weigh: (events) => bytesOf(events, EVENT_BYTES),
    deadlineMs: ANSWER_DEADLINE_MS,
    run: (requests) => appendTogether(context, requests),
    // Logs that are no JSON do not get as far as the database.
    alone: (error) => error instanceof RowRefused || error instanceof SyntaxError,
  });
}

async function denyToken(client: Client, { dataset }: BigqueryLogin, jti: string, actor: string): Promise<void> {
  const row = { insertId: jti, json: { jti, actor, denied_at: new Date().toISOString() } };
  const path = `/datasets/${dataset}/tables/denied_tokens/insertAll`;
  const times = { deadlineMs: INSERT_LASTS_MS, timeoutMs: INSERT_LASTS_MS };
  await retrying(() => client("POST", path, { json: { rows: [row] }, timeoutMs: times.timeoutMs }), times);
}
