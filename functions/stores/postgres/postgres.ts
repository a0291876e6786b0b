import type { Event } from "../../event/event.ts";
import { Coalescer } from "../coalescer.ts";
import {
  type EventRow,
  intOf,
  isFull,
  LOG_PAGE_BYTES,
  type LogRow,
  loggedOf,
  type SummaryRow,
  streamedOf,
  summaryOf,
} from "../driver-rows.ts";
import { ROOM, weightOf } from "../request-size.ts";
import type { Appended, EventsQuery, Run, RunDetail, RunsQuery, Store, Summary } from "../store.ts";
import { untilSettled } from "../until-settled.ts";
import { appendTogether, readControl } from "./append.ts";
import { sealWindow } from "./chunks/seal.ts";
import { createSealer } from "./chunks/sealer.ts";
import { readSeries } from "./chunks/series.ts";
import { clientOf, isOfRow, isPassing, openPool, type PostgresAddress, retrying } from "./connection.ts";
import { AppendListener } from "./listener.ts";
import { openPanelLogins } from "./panel-logins.ts";
import { runSql } from "./sql-panel.ts";
import { statements } from "./statements.ts";

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
  /** false leaves every point in the log, where it is read all the same. */
  seals?: boolean;
  /** Told of errors in what is done behind the answers; console.error where it is left out. */
  report?: (error: unknown) => void;
}

/** The Store with what only this one can do. */
export interface PostgresStore extends Store {
  /** Resolves when nothing is being sealed or about to be. */
  sealed(): Promise<void>;
}

// Three statements of at most a thousand events keep the database busy while the next requests are
// read. Another one starts beside those under way only when enough waits: what is fixed in a
// statement costs as much as 20 to 40 events.
const APPENDS_UNDER_WAY = 3;
// Somebody waits for what is read, and tails that grow make reading slow; a training process waits
// for nothing.
const APPENDS_BESIDE_OTHERS = 1;
const EVENTS_A_STATEMENT = 1_000;
const EVENTS_WORTH_A_STATEMENT = 100;
const READS_UNDER_WAY = 4;
// Planning the statement anew for every set of arrays would cost more than a small insert itself.
const PLAN_ONCE = "SET plan_cache_mode = force_generic_plan";
// A window is the beginning of a run's tail, as it stands in the index: where it knows little of a
// table that has just begun to grow, the planner would read all of the tail and sort it. A crash
// may undo a window; then it is made again.
const TO_SEAL = "SET enable_bitmapscan = off; SET synchronous_commit = off";
const APPEND_DEADLINE_MS = 10_000;
const READ_DEADLINE_MS = 2_000;
const HEALTH_DEADLINE_MS = 3_000;

/** The Store on PostgreSQL 14 or newer, on a database that `migrate` has prepared. */
export function openPostgresStore(options: PostgresOptions): PostgresStore {
  const { seals = true, onLoss = () => {} } = options;
  // One more, by which the tokens that were taken back are read.
  const appends = openPool(
    // A line that is dead and says nothing would hold up its statement for minutes.
    { ...clientOf(options.writerUrl), query_timeout: APPEND_DEADLINE_MS },
    { max: APPENDS_UNDER_WAY + 1, onLoss, first: PLAN_ONCE },
  );
  const reads = openPool(options.writerUrl, { max: READS_UNDER_WAY, onLoss });
  const panel = openPool(options.readerUrl, { max: 2, onLoss });
  const panelLogins = openPanelLogins(reads, options.readerUrl, { max: 2, onLoss });
  // Whether the database answers is not asked behind what takes long.
  const pulse = openPool({ ...clientOf(options.writerUrl), query_timeout: HEALTH_DEADLINE_MS }, { max: 1, onLoss });
  const sealing = openPool(options.writerUrl, { max: 1, onLoss, first: TO_SEAL });
  const listener = new AppendListener(options.writerUrl);
  let readsUnderWay = 0;
  const coalescer = new Coalescer<readonly Event[], Appended>({
    underWay: () => (readsUnderWay > 0 || sealer.isBehind() ? APPENDS_BESIDE_OTHERS : APPENDS_UNDER_WAY),
    enough: EVENTS_WORTH_A_STATEMENT,
    weight: EVENTS_A_STATEMENT,
    room: ROOM,
    weigh: weightOf,
    deadlineMs: APPEND_DEADLINE_MS,
    run: (requests, withinMs) => retrying(() => appendTogether(appends, requests), { deadlineMs: withinMs }),
    alone: isOfRow,
  });

  const sealer = createSealer({
    seal: (run, how) => sealWindow(sealing, run, how),
    report: (error) => {
      if (!isPassing(error)) (options.report ?? console.error)(error);
    },
  });

  const read = <Row extends object>(name: keyof typeof statements, values: unknown[]): Promise<Row[]> =>
    retrying(
      async () => {
        readsUnderWay += 1;
        try {
          return (await reads.query<Row>({ name, text: statements[name], values })).rows;
        } finally {
          readsUnderWay -= 1;
        }
      },
      { deadlineMs: READ_DEADLINE_MS },
    );

  const horizon = async (): Promise<string> => {
    const [row] = await retrying(
      async () => (await reads.query<{ horizon: string }>("SELECT log_horizon() AS horizon")).rows,
      { deadlineMs: READ_DEADLINE_MS },
    );
    return (row as { horizon: string }).horizon;
  };

  const summaries = async (project: string, runs: string[], level: "epoch" | null) => {
    const byRun = new Map<string, Summary[]>(runs.map((run) => [run, []]));
    for (const row of await read<SummaryRow>("summary", [project, runs, level]))
      byRun.get(row.run)?.push(summaryOf(row));
    return byRun;
  };

  return {
    async append(events) {
      const appended = await coalescer.submit(events);
      if (seals) sealer.saw(events);
      return appended;
    },

    control: (project, runs) => retrying(() => readControl(reads, project, runs), { deadlineMs: READ_DEADLINE_MS }),

    async projects() {
      return (await read<{ project: string }>("projects", [])).map(({ project }) => project);
    },

    async runs(query: RunsQuery) {
      const cursor = await horizon();
      const offset = Number(query.page ?? 0);
      const rows = await read<Run>("runs", [
        query.project,
        query.state ?? null,
        query.text ?? null,
        query.archived ?? null,
        query.sort,
        query.limit + 1,
        offset,
        null,
      ]);
      const page = rows.slice(0, query.limit);
      const summary = await summaries(
        query.project,
        page.map(({ run }) => run),
        "epoch",
      );
      return {
        runs: page.map((row) => ({ ...row, summary: summary.get(row.run) ?? [] })),
        next: rows.length > query.limit ? String(offset + query.limit) : null,
        cursor,
      };
    },

    async run(project, run) {
      const [row] = await read<Run>("runs", [project, null, null, null, "name", 1, 0, run]);
      if (row === undefined) return null;
      const [summary, audit, control] = await Promise.all([
        summaries(project, [run], null),
        read<RunDetail["audit"][number]>("audit", [project, run]),
        readControl(reads, project, [run]),
      ]);
      return { ...row, summary: summary.get(run) ?? [], audit, stop: control.get(run)?.stop ?? null };
    },

    async tagSeq(project, run) {
      const [row] = await read<{ seq: string }>("tagSeq", [project, run]);
      return row === undefined ? null : intOf(row.seq);
    },

    series: (query) => readSeries({ read, onLongTail: seals ? sealer.request : () => {} }, query),

    async events(query: EventsQuery) {
      const end = await horizon();
      const rows = await read<EventRow>("events", [
        query.project,
        query.after,
        query.runs ?? null,
        query.limit + 1,
        end,
      ]);
      const page = rows.slice(0, query.limit);
      const last = page.at(-1);
      const more = rows.length > query.limit;
      return { events: page.map(streamedOf), cursor: more && last ? String(BigInt(last.pos) + 1n) : end, more };
    },

    async log({ after, before, project, run, limit }) {
      const rows = await read<LogRow>("log", [
        after ?? 0,
        before,
        project ?? null,
        run ?? null,
        limit + 1,
        LOG_PAGE_BYTES,
      ]);
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const more = rows.length > limit || isFull(rows);
      return { events: page.map(loggedOf), cursor: more && last ? String(BigInt(last.pos) + 1n) : before, more };
    },

    async logSize({ after, before, project, run }) {
      const [row] = await read<{ events: number }>("logSize", [after ?? 0, before, project ?? null, run ?? null]);
      return (row as { events: number }).events;
    },

    cursor: horizon,
    async settled() {
      const [row] = await read<{ end: string }>("logEnd", []);
      return untilSettled(BigInt((row as { end: string }).end), horizon);
    },
    onAppend: (wake) => listener.add(wake),
    sql: (statement) => retrying(() => runSql(panel, statement), { deadlineMs: READ_DEADLINE_MS }),
    sqlWithin: (projects, statement) =>
      retrying(() => panelLogins.use(projects, (pool) => runSql(pool, statement, { queriesOnly: true })), {
        deadlineMs: READ_DEADLINE_MS,
      }),

    // By a connection of appends: a process that only ever appends logs in once.
    async deniedTokens() {
      const { rows } = await retrying(() => appends.query<{ jti: string }>(statements.deniedTokens), {
        deadlineMs: READ_DEADLINE_MS,
      });
      return new Set(rows.map(({ jti }) => jti));
    },

    async denyToken(jti, actor) {
      await read("denyToken", [jti, actor]);
    },

    async health() {
      try {
        await pulse.query("SELECT 1");
        return { ok: true, kind: "postgres" };
      } catch (error) {
        return {
          ok: false,
          kind: "postgres",
          detail: isPassing(error) ? "The database does not answer." : "The database refused.",
        };
      }
    },

    sealed: sealer.idle,

    async close() {
      await coalescer.close();
      await listener.close();
      await sealer.close();
      await Promise.all([appends.end(), reads.end(), panel.end(), panelLogins.close(), pulse.end(), sealing.end()]);
    },
  };
}
