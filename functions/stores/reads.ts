import { type AuditRow, intOf, type RunRow, type SummaryRow, toAudit, toRun } from "./driver-rows.ts";
import type { Values } from "./named-parameters.ts";
import type { Cursor, Run, RunControl, RunsQuery, Store } from "./store.ts";
import { type RunSummary, readSummaries } from "./summaries.ts";

/**
 * The statements that every store has, with the same parameters and columns: a file of its `sql/`
 * each.
 */
export const SHARED_STATEMENTS = ["projects", "runs", "summary", "audit", "tagSeq", "logSize"] as const;
export type SharedStatement = (typeof SHARED_STATEMENTS)[number];

/** What the shared reads ask of a database. */
export interface ReadDatabase {
  /** Its name in an answer about health. */
  kind: string;
  /** All rows of a statement, tried again while the database is away. */
  read<Row extends object>(statement: SharedStatement, values: Values): Promise<Row[]>;
  /** The position below which nothing new can appear. */
  horizon(): Promise<Cursor>;
  /** What is asked of these runs; those without events are absent. */
  control(project: string, runs: readonly string[]): Promise<RunControl[]>;
  /**
   * The tokens that were taken back. Where a login costs, by a connection that appends have open.
   */
  readDeniedTokens(): Promise<{ jti: string }[]>;
  /** Fails where the database does not answer. */
  ping(): Promise<unknown>;
  /** Whether an error of `ping` is an answer. */
  hasAnswered(error: unknown): boolean;
}

export type SharedReads = Pick<
  Store,
  "control" | "projects" | "runs" | "run" | "tagSeq" | "logSize" | "cursor" | "deniedTokens" | "health"
>;

/** Creates the reads that are alike in every store. */
export function createReads(database: ReadDatabase): SharedReads {
  const { read } = database;

  const control: Store["control"] = async (project, runs) => {
    const asked = await database.control(project, runs);
    const known = new Map(asked.map((one) => [one.run, one]));
    return [...new Set(runs)].flatMap((run) => known.get(run) ?? []);
  };

  const summaries = (project: string, runs: string[], level: "epoch" | null) =>
    readSummaries(runs, (some, bounds) => read<SummaryRow>("summary", { project, runs: some, level, ...bounds }));

  return {
    control,
    cursor: database.horizon,

    async projects() {
      return (await read<{ project: string }>("projects", {})).map(({ project }) => project);
    },

    async runs(query) {
      const { project, limit } = query;
      const cursor = await database.horizon();
      const offset = Number(query.page ?? 0);
      const rows = (await read<RunRow>("runs", runsValues(query, limit + 1, offset))).map(toRun);
      const ids = rows.slice(0, limit).map(({ run }) => run);
      const summary = await summaries(project, ids, "epoch");
      // One of steps alone, for which there are no epochs to tell.
      const bare = ids.filter((_, index) => summary[index]?.summary.length === 0);
      const bySteps = await summaries(project, bare, null);
      for (const [index, of] of bySteps.entries()) summary[ids.indexOf(bare[index] as string)] = of;
      return {
        runs: summary.map((of, index) => ({ ...(rows[index] as Run), ...of })),
        next: rows.length > summary.length ? String(offset + summary.length) : null,
        cursor,
      };
    },

    async run(project, run) {
      const [[row], summary, audit, [asked]] = await Promise.all([
        read<RunRow>("runs", { ...runsValues({ project, sort: "name" }, 1, 0), run }),
        summaries(project, [run], null),
        read<AuditRow>("audit", { project, run }),
        control(project, [run]),
      ]);
      if (row === undefined) return null;
      return { ...toRun(row), ...(summary[0] as RunSummary), audit: audit.map(toAudit), stop: null, ...asked };
    },

    async tagSeq(project, run) {
      const [row] = await read<{ seq: string }>("tagSeq", { project, run });
      return row === undefined ? null : intOf(row.seq);
    },

    async logSize({ after, before, project = null, run = null }) {
      const [row] = await read<{ events: string | number }>("logSize", { after: after ?? "0", before, project, run });
      return Number(row?.events ?? 0);
    },

    async deniedTokens() {
      return new Set((await database.readDeniedTokens()).map(({ jti }) => jti));
    },

    async health() {
      const { kind } = database;
      try {
        await database.ping();
        return { ok: true, kind };
      } catch (error) {
        const detail = database.hasAnswered(error) ? "The database refused." : "The database does not answer.";
        return { ok: false, kind, detail };
      }
    },
  };
}

/** The values of the statement `runs`: null where any will do. */
function runsValues(
  { project, state = null, text = null, archived = null, sort }: Nullable<Omit<RunsQuery, "limit" | "page">>,
  limit: number,
  offset: number,
): Values {
  return { project, state, text, archived, sort, run: null, limit, offset };
}

type Nullable<T> = { [K in keyof T]: T[K] | null };
