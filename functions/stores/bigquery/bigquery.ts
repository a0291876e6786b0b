import type { Event } from "../../event/event.ts";
import { Coalescer } from "../coalescer.ts";
import { type EventRow, intOf, pageOf, type SummaryRow, streamedOf, summaryOf } from "../driver-rows.ts";
import { FORMS, keysOf } from "../metric-keys.ts";
import { bytesOf, ROOM_BYTES } from "../request-size.ts";
import type {
  Appended,
  EventsPage,
  EventsQuery,
  Level,
  Run,
  RunDetail,
  RunsQuery,
  Series,
  SeriesQuery,
  Split,
  Store,
  Summary,
} from "../store.ts";
import { untilSettled } from "../until-settled.ts";
import { appendTogether, type Clock, INSERT_BYTES, INSERT_LASTS_MS, RowRefused } from "./append.ts";
import { type BigqueryLogin, openClient } from "./client.ts";
import { openControlCache } from "./control.ts";
import { horizonAt, openPages, openTicker } from "./horizon.ts";
import { openLogReads } from "./log-reads.ts";
import { retrying } from "./retrying.ts";
import { runSql } from "./sql-panel.ts";
import { askWith, readWith } from "./statements.ts";

export interface BigqueryOptions {
  /** Appends to the log and reads it (`writer` in components/storage/bigquery.ts). */
  writer: BigqueryLogin;
  /** Reads the views' dataset alone. */
  reader: BigqueryLogin;
  /**
   * How old a position must be before readers with a cursor look at it, `SETTLE_MS`; less skips
   * what ends late.
   */
  settleMs?: number;
  /** How often the log is looked at for those who stream, 5 s. */
  pollMs?: number;
  /** How long what is asked of a run is kept in memory, 10 s. */
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
/**
 * How far apart two rows of one event lie at the most, when both were sent before either could be
 * looked up or while nothing could be. To look further back costs nothing more within the day,
 * which is a partition.
 */
const TWICE_WITHIN_MS = 600_000;
/** The whole log is put in order before its first page is there. */
const LOG = { deadlineMs: 5_000, timeoutMs: 300_000 };
const HEALTH_TIMEOUT_MS = 3_000;
const CLOCKS_DIFFER_MS = 60_000;

/**
 * The Store on BigQuery, on datasets that `migrate` has prepared.
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
  const log = openLogReads(readWith(client, writer, LOG), LOG);
  const control = openControlCache(ask, controlMs);
  const context = { client, login: writer, ask, control, clock: openClock() };
  const coalescer = new Coalescer<readonly Event[], Appended>({
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
  const ticker = openTicker(times);
  const pages = openPages();
  const horizon = () => horizonAt(Date.now(), times);

  const summaries = async (project: string, runs: string[], level: Level | null) => {
    const byRun = new Map<string, Summary[]>(runs.map((run) => [run, []]));
    if (runs.length === 0) return byRun;
    for (const { points, ...row } of await ask<SummaryRow>("summary", { project, runs, level }))
      byRun.get(row.run)?.push(summaryOf({ ...row, points: Number(points) }));
    return byRun;
  };

  const runsOf = (project: string, asked: Partial<RunsQuery> & { run?: string; offset?: number }) =>
    ask<Run>("runs", {
      project,
      state: asked.state ?? null,
      text: asked.text ?? null,
      archived: asked.archived ?? null,
      sort: asked.sort ?? "name",
      run: asked.run ?? null,
      limit: asked.limit ?? 1,
      offset: asked.offset ?? 0,
    });

  return {
    append: (events) => coalescer.submit(events),
    control: (project, runs) => control.read(project, runs),

    async projects() {
      return (await ask<{ project: string }>("projects", {})).map(({ project }) => project);
    },

    async runs(query: RunsQuery) {
      const cursor = String(horizon());
      const offset = Number(query.page ?? 0);
      const rows = await runsOf(query.project, { ...query, limit: query.limit + 1, offset });
      const page = rows.slice(0, query.limit);
      const ids = page.map(({ run }) => run);
      const summary = await summaries(query.project, ids, "epoch");
      return {
        runs: page.map((row) => ({ ...row, summary: summary.get(row.run) ?? [] })),
        next: rows.length > query.limit ? String(offset + query.limit) : null,
        cursor,
      };
    },

    async run(project, run) {
      const [[row], summary, audit, asked] = await Promise.all([
        runsOf(project, { run }),
        summaries(project, [run], null),
        ask<RunDetail["audit"][number]>("audit", { project, run }),
        control.read(project, [run]),
      ]);
      if (row === undefined) return null;
      return { ...row, summary: summary.get(run) ?? [], audit, stop: asked.get(run)?.stop ?? null };
    },

    async tagSeq(project, run) {
      const [row] = await ask<{ seq: string }>("tagSeq", { project, run });
      return row === undefined ? null : intOf(row.seq);
    },

    async series(query: SeriesQuery) {
      const before = horizon();
      // `loss` and `val_loss` may ask for the same.
      const keys = keysOf(query).map(({ form, ...key }) => ({ ...key, key: FORMS[form] + key.metric }));
      const once = new Map(keys.map((key) => [`${key.kind}\n${key.key}`, key]));
      const wanted = [...once.values()].map((key, ordinal) => ({ ...key, ordinal }));
      const rows = await ask<SeriesRow>("series", {
        project: query.project,
        runs: query.runs,
        wanted,
        kinds: [...new Set(wanted.map(({ kind }) => kind))],
        x: query.x,
        points: query.points,
        before,
      });
      const asked = query.runs.flatMap((run) => rows.filter((row) => row.run === run));
      return { series: asked.map(seriesOf), cursor: String(before) };
    },

    async events(query: EventsQuery) {
      const before = horizon();
      const after = Number(query.after);
      if (after >= before) {
        // A position that lies in the future is one of another log.
        const isOther = after > (Date.now() + CLOCKS_DIFFER_MS) * 1000;
        return { events: [], cursor: isOther ? String(before) : query.after, more: false };
      }
      return pages(JSON.stringify([query, before]), () => readPage(query, before));
    },

    log,

    async logSize({ after, before, project = null, run = null }) {
      const [row] = await ask<{ events: string }>("logSize", { after: after ?? 0, before, project, run });
      return Number(row?.events ?? 0);
    },

    cursor: async () => String(horizon()),
    settled: () => untilSettled(BigInt(context.clock()), async () => String(horizon())),
    onAppend: (wake) => ticker.add(wake),
    sql: (statement) => runSql(panel, reader, statement),

    async deniedTokens() {
      const rows = await ask<{ jti: string }>("denied", {});
      return new Set(rows.map(({ jti }) => jti));
    },

    async denyToken(jti, actor) {
      const row = { insertId: jti, json: { jti, actor, denied_at: new Date().toISOString() } };
      await retrying(
        () =>
          client("POST", `/datasets/${writer.dataset}/tables/denied_tokens/insertAll`, {
            json: { rows: [row] },
            timeoutMs: INSERT_LASTS_MS,
          }),
        { deadlineMs: INSERT_LASTS_MS },
      );
    },

    async health() {
      try {
        // Reading what is said of the dataset costs nothing.
        await client("GET", `/datasets/${writer.dataset}`, { timeoutMs: HEALTH_TIMEOUT_MS });
        return { ok: true, kind: "bigquery" };
      } catch (error) {
        const answered = typeof (error as { code?: unknown }).code === "number";
        const detail = answered ? "The database refused." : "The database does not answer.";
        return { ok: false, kind: "bigquery", detail };
      }
    },

    async close() {
      await coalescer.close();
      ticker.close();
    },
  };

  async function readPage(query: EventsQuery, before: number): Promise<EventsPage> {
    const { project, after, runs = [], limit } = query;
    const since = Math.max(0, Number(after) - TWICE_WITHIN_MS * 1000);
    const rows = await ask<EventRow>("events", { project, after, before, since, runs, limit: limit + 1 });
    const { page, ...rest } = pageOf(rows, limit, String(before));
    return { events: page.map(streamedOf), ...rest };
  }
}

/** From anywhere within the ms on, so that processes seldom give the same positions. */
function openClock(): Clock {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.floor((Date.now() + Math.random()) * 1000));
    return last;
  };
}

interface SeriesRow {
  run: string;
  metric: string;
  split: Split;
  level: Level;
  total: string;
  ordinal: string;
  x: number[];
  y: number[];
}

/** What series.sql has thinned. */
function seriesOf({ total, ordinal: _, y, ...row }: SeriesRow): Series {
  const marks = y.flatMap((value, index): [number, string][] =>
    Number.isFinite(value) ? [] : [[index, String(value)]],
  );
  return { ...row, total: Number(total), y: y.map((value) => (Number.isFinite(value) ? value : null)), marks };
}
