import type { Event } from "../../event.ts";
import { Coalescer } from "../coalescer.ts";
import { FORMS, keysOf } from "../metric-keys.ts";
import { type EventRow, type LogRow, loggedOf, type SummaryRow, streamedOf, summaryOf } from "../rows.ts";
import { untilSettled } from "../settled.ts";
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
import { APPEND_DEADLINE_MS, appendTogether, type Clock, RowRefused } from "./append.ts";
import { type BigqueryLogin, openClient } from "./client.ts";
import { openControlCache } from "./control.ts";
import { horizonAt, openPages, openTicker } from "./horizon.ts";
import { persist } from "./persisting.ts";
import { runSql } from "./sql-panel.ts";
import { askWith } from "./statements.ts";

export interface BigqueryOptions {
  /** Appends to the log and reads it (`writer` in components/storage/bigquery.ts). */
  writer: BigqueryLogin;
  /** Reads the views' dataset alone. */
  reader: BigqueryLogin;
  /**
   * How old an event must be before readers with a cursor see it, 10 s: longer than an append is tried, so that one
   * that ends late is never skipped, and as long as clocks of two processes may differ and a row may take to be seen.
   */
  settleMs?: number;
  /** How often the log is looked at for those who stream, 5 s. */
  pollMs?: number;
  /** How long what is asked of a run is kept in memory, 10 s. */
  controlMs?: number;
  /** The day of the oldest events that reads look at; 1970. A later one spares looking into older partitions. */
  since?: Date;
}

const APPENDS_UNDER_WAY = 3;
const EVENTS_A_REQUEST = 5_000;
const EVENTS_WORTH_A_REQUEST = 500;
const READ = { deadlineMs: 5_000, timeoutMs: 20_000 };
const HEALTH_TIMEOUT_MS = 3_000;
const CLOCKS_DIFFER_MS = 60_000;

/**
 * The Store on BigQuery, on datasets that `migrate` has prepared.
 *
 * What it costs on demand, where a TiB is 6.25 USD and no query reads less than 10 MB
 * (https://cloud.google.com/bigquery/pricing): a query at least 0.00006 USD. A page that streams asks every `pollMs`,
 * 1 USD a day and project while somebody watches, and nothing when nobody does; a run that logs asks for its control
 * every `controlMs`, 0.5 USD a day and process; an append of fresh events asks nothing else, and one that may be a
 * resend twice (append.ts). Streams are behind by `settleMs` to `settleMs + pollMs`.
 */
export function openBigqueryStore(options: BigqueryOptions): Store {
  const { writer, reader, settleMs = 10_000, pollMs = 5_000, controlMs = 10_000 } = options;
  const times = { settleMs, pollMs };
  const since = (options.since ?? new Date(0)).getTime() * 1000;
  const client = openClient(writer);
  const panel = openClient(reader);
  const ask = askWith(client, writer, READ);
  const control = openControlCache(ask, controlMs);
  const context = { client, login: writer, ask, control, clock: openClock() };
  const coalescer = new Coalescer<readonly Event[], Appended>({
    underWay: APPENDS_UNDER_WAY,
    enough: EVENTS_WORTH_A_REQUEST,
    weight: EVENTS_A_REQUEST,
    weigh: (events) => events.length,
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
      return (await ask<{ project: string }>("projects", { since })).map(({ project }) => project);
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

    async series(query: SeriesQuery) {
      const before = horizon();
      // `loss` and `val_loss` may ask for the same.
      const keys = keysOf(query).map(({ form, ...key }) => ({ ...key, key: FORMS[form] + key.metric }));
      const once = new Map(keys.map((key) => [`${key.kind}\n${key.key}`, key]));
      const wanted = [...once.values()].map((key, place) => ({ ...key, place }));
      const rows = await ask<SeriesRow>("series", {
        project: query.project,
        runs: query.runs,
        wanted,
        kinds: [...new Set(wanted.map(({ kind }) => kind))],
        x: query.x,
        points: query.points,
        since,
        before,
      });
      const asked = query.runs.flatMap((run) => rows.filter((row) => row.run === run));
      return { series: asked.map(seriesOf), cursor: String(before) };
    },

    async events(query: EventsQuery) {
      const before = horizon();
      const after = Number(query.after);
      if (after >= before) {
        // A place that lies in the future is one of another log.
        const isOther = after > (Date.now() + CLOCKS_DIFFER_MS) * 1000;
        return { events: [], cursor: isOther ? String(before) : query.after, more: false };
      }
      return pages(JSON.stringify([query, before]), () => readPage(query, before));
    },

    async log({ after, before, project = null, run = null, limit }) {
      const rows = await ask<LogRow & { place: string }>("log", {
        after: after ?? 0,
        before,
        project,
        run,
        since,
        limit: limit + 1,
      });
      const page = rows.filter(({ place }) => Number(place) <= limit);
      const last = page.at(-1);
      const more = rows.length > page.length && last !== undefined;
      const events = page.map(({ place: _, ...row }) => loggedOf(row));
      return { events, cursor: more ? String(Number(last.pos) + 1) : before, more };
    },

    async logSize({ after, before, project = null, run = null }) {
      const [row] = await ask<{ events: string }>("logSize", { after: after ?? 0, before, project, run, since });
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
      await persist(
        () =>
          client("POST", `/datasets/${writer.dataset}/tables/denied_tokens/insertAll`, {
            json: { rows: [row] },
            timeoutMs: APPEND_DEADLINE_MS,
          }),
        { deadlineMs: APPEND_DEADLINE_MS },
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
      ticker.close();
    },
  };

  async function readPage(query: EventsQuery, before: number): Promise<EventsPage> {
    const { project, after, runs = [], limit } = query;
    const rows = await ask<EventRow & { place: string }>("events", { project, after, before, runs, limit: limit + 1 });
    // Two processes may have given the same place: what stands at one place goes together.
    const page = rows.filter(({ place }) => Number(place) <= limit);
    const last = page.at(-1);
    const more = rows.length > page.length && last !== undefined;
    const events = page.map(({ place: _, ...row }) => streamedOf(row));
    return { events, cursor: String(more ? Number(last.pos) + 1 : before), more };
  }
}

function openClock(): Clock {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Date.now() * 1000);
    return last;
  };
}

interface SeriesRow {
  run: string;
  metric: string;
  split: Split;
  level: Level;
  total: string;
  place: string;
  x: number[];
  y: number[];
}

/** What series.sql has thinned. */
function seriesOf({ total, place: _, y, ...row }: SeriesRow): Series {
  const marks = y.flatMap((value, index): [number, string][] =>
    Number.isFinite(value) ? [] : [[index, String(value)]],
  );
  return { ...row, total: Number(total), y: y.map((value) => (Number.isFinite(value) ? value : null)), marks };
}
