import type { Event } from "../../event/event.ts";
import { Coalescer } from "../coalescer.ts";
import {
  type EventRow,
  intOf,
  type LogRow,
  loggedOf,
  pageOf,
  type SummaryRow,
  streamedOf,
  summaryOf,
} from "../driver-rows.ts";
import { bytesOf, ROOM_BYTES } from "../request-size.ts";
import {
  type Appended,
  type Cursor,
  controlKey,
  type Run,
  type RunDetail,
  type RunsQuery,
  type Store,
  type Summary,
} from "../store.ts";
import { untilSettled } from "../until-settled.ts";
import { APPEND_LASTS_MS, appendTogether, readControl } from "./append.ts";
import { isPassing, openConnection, retrying, type SnowflakeLogin } from "./connection.ts";
import { openNewestMark } from "./newest-mark.ts";
import { msOf, positionsIn } from "./position.ts";
import { askedSeries, type PointRow, seriesOf } from "./series.ts";
import { runSql } from "./sql-panel.ts";
import { statements } from "./statements.ts";

export interface SnowflakeOptions {
  /** Appends and reads, can neither change nor remove. */
  writer: SnowflakeLogin;
  /** Sees the views only. */
  reader: SnowflakeLogin;
  /** Told when a connection breaks; the store goes on by itself. */
  onLoss?: (error: Error) => void;
  /** How often the end of the log is looked at while someone waits for it. */
  pollMs?: number;
  /** How far the clocks of the service may differ: readers with a cursor stay this far behind. */
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
const READ_DEADLINE_MS = 20_000;
const READ_SECONDS = 15;

/** The Store on Snowflake, in a schema that `migrate` has prepared. */
export function openSnowflakeStore(options: SnowflakeOptions): Store {
  const { pollMs = 5_000, skewMs = 1_000, onLoss = () => {} } = options;
  const appends = openConnection(options.writer, onLoss);
  const reads = openConnection(options.writer, onLoss);
  const panel = openConnection(options.reader, onLoss);
  const coalescer = new Coalescer<readonly Event[], Appended>({
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

  const read = <Row extends object>(name: keyof typeof statements, binds: (string | null)[] = []): Promise<Row[]> =>
    retrying(() => reads.rows<Row>({ sql: statements[name], binds, timeoutSeconds: READ_SECONDS }), {
      deadlineMs: READ_DEADLINE_MS,
    });

  const newestMark = openNewestMark(async () => {
    const [row] = await read<{ newest: string | null }>("newestMark");
    return row?.newest == null ? null : BigInt(row.newest);
  }, pollMs);

  /** The position below which every event of the appends that have begun will stand. */
  const endOf = (newest: bigint | null): bigint =>
    newest === null ? 0n : newest + BigInt(positionsIn(APPEND_LASTS_MS));

  /**
   * Where a log that nobody has written to for so long that no append can be under way ends is
   * known without a warehouse.
   */
  const horizon = async (): Promise<Cursor> => {
    const newest = await newestMark.latest();
    if (newest === null || msOf(newest) < Date.now() - 2 * APPEND_LASTS_MS) return String(endOf(newest));
    const [row] = await read<{ horizon: string }>("horizon", [positionsIn(APPEND_LASTS_MS), positionsIn(skewMs)]);
    return (row as { horizon: string }).horizon;
  };

  const summaries = async (project: string, runs: string[], level: "epoch" | null) => {
    const byRun = new Map<string, Summary[]>(runs.map((run) => [run, []]));
    if (runs.length === 0) return byRun;
    for (const row of await read<SummaryTexts>("summary", [project, JSON.stringify(runs), level]))
      byRun.get(row.run)?.push(summaryOf(numbersOf(row)));
    return byRun;
  };

  return {
    async append(events) {
      const appended = await coalescer.submit(events);
      newestMark.moved();
      return appended;
    },

    async control(project, runs) {
      const asked = runs.map((run) => ({ project, run }));
      const found = await retrying(() => readControl(reads, asked), { deadlineMs: READ_DEADLINE_MS });
      return new Map(
        runs.flatMap((run) => {
          const control = found.get(controlKey(project, run));
          return control === undefined ? [] : [[run, control]];
        }),
      );
    },

    async projects() {
      return (await read<{ project: string }>("projects")).map(({ project }) => project);
    },

    async runs(query: RunsQuery) {
      const cursor = await horizon();
      const offset = Number(query.page ?? 0);
      const rows = await read<RunRow>("runs", [
        query.project,
        query.state ?? null,
        query.text ?? null,
        query.archived === undefined ? null : String(query.archived),
        query.sort,
        String(query.limit + 1),
        String(offset),
        null,
      ]);
      const page = rows.slice(0, query.limit).map(runOf);
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
      const [row] = await read<RunRow>("runs", [project, null, null, null, "name", "1", "0", run]);
      if (row === undefined) return null;
      const [summary, audit, control] = await Promise.all([
        summaries(project, [run], null),
        read<AuditRow>("audit", [project, run]),
        this.control(project, [run]),
      ]);
      return {
        ...runOf(row),
        summary: summary.get(run) ?? [],
        audit: audit.map((one) => ({ ...one, logs: jsonOrNull(one.logs) })),
        stop: control.get(run)?.stop ?? null,
      };
    },

    async tagSeq(project, run) {
      const [row] = await read<{ seq: string }>("tagSeq", [project, run]);
      return row === undefined ? null : intOf(row.seq);
    },

    async series(query) {
      const cursor = await horizon();
      const asked = askedSeries(query);
      const binds = [query.project, JSON.stringify(asked), query.x, cursor, String(query.points)];
      return { series: seriesOf(await read<PointRow>("series", binds), asked), cursor };
    },

    async events({ project, after, runs, limit }) {
      // Nothing new: no warehouse is woken to say so.
      if (BigInt(after) >= endOf(await newestMark.latest())) {
        // A position that lies in the future is one of another log.
        const isOther = msOf(BigInt(after)) > Date.now() + APPEND_LASTS_MS;
        return { events: [], cursor: isOther ? await horizon() : after, more: false };
      }
      const end = await horizon();
      const rows = await read<LoggedRow>("events", [
        project,
        after,
        runs === undefined ? null : JSON.stringify(runs),
        String(limit + 1),
        end,
        positionsIn(APPEND_LASTS_MS),
      ]);
      const { page, cursor, more } = pageOf(rows, limit, end);
      return { events: page.map(toStreamedEvent), cursor: BigInt(cursor) < BigInt(after) ? after : cursor, more };
    },

    async log({ after, before, project, run, limit }) {
      const part = [after ?? "0", before, project ?? null, run ?? null];
      const rows = await read<LogRow>("log", [...part, String(limit + 1), positionsIn(APPEND_LASTS_MS)]);
      const { page, ...rest } = pageOf(rows, limit, before);
      return { events: page.map(loggedOf), ...rest };
    },

    async logSize({ after, before, project, run }) {
      const [row] = await read<{ events: string }>("logSize", [after ?? "0", before, project ?? null, run ?? null]);
      return Number(row?.events ?? 0);
    },

    cursor: horizon,
    async settled() {
      const [row] = await read<{ newest: string | null }>("newestMark");
      return untilSettled(BigInt(row?.newest ?? -1) + 1n, horizon);
    },
    onAppend: (wake) => newestMark.watch(wake),
    sql: (statement) => retrying(() => runSql(panel, statement), { deadlineMs: READ_DEADLINE_MS }),

    // By the connection of appends: a process that only ever appends logs in once.
    async deniedTokens() {
      const statement = { sql: statements.deniedTokens, timeoutSeconds: READ_SECONDS };
      const rows = await retrying(() => appends.rows<{ jti: string }>(statement), { deadlineMs: READ_DEADLINE_MS });
      return new Set(rows.map(({ jti }) => jti));
    },

    async denyToken(jti, actor) {
      await read("denyToken", [jti, actor]);
    },

    async health() {
      try {
        await reads.rows({ sql: "SELECT 1", timeoutSeconds: READ_SECONDS });
        return { ok: true, kind: "snowflake" };
      } catch (error) {
        const detail = isPassing(error) ? "The database does not answer." : "The database refused.";
        return { ok: false, kind: "snowflake", detail };
      }
    },

    async close() {
      await coalescer.close();
      newestMark.close();
      await Promise.all([appends.close(), reads.close(), panel.close()]);
    },
  };
}

type RunRow = Omit<Run, "params" | "tags"> & { params: string; tags: string };
type AuditRow = Omit<RunDetail["audit"][number], "logs"> & { logs: string | null };
type LoggedRow = Omit<EventRow, "at" | "logs"> & { at: string; logs: string | null };
type SummaryTexts = {
  [K in keyof SummaryRow]: K extends "points" | "best" | "min" | "max" ? string | null : SummaryRow[K];
};

function runOf(row: RunRow): Run {
  return { ...row, params: JSON.parse(row.params), tags: JSON.parse(row.tags) };
}

function toStreamedEvent(row: LoggedRow) {
  // As date_part counts it elsewhere, seconds first, so that the last bit is the same.
  return streamedOf({ ...row, at: (Number(row.at) / 1e6) * 1000, logs: jsonOrNull(row.logs) });
}

function numbersOf(row: SummaryTexts): SummaryRow {
  const number = (text: string | null) => (text === null ? null : Number(text));
  return { ...row, points: Number(row.points), best: number(row.best), min: number(row.min), max: number(row.max) };
}

const jsonOrNull = (text: string | null): Record<string, unknown> | null => (text === null ? null : JSON.parse(text));
