import { type ColumnKind, CUSTOM_COLUMN_LIST } from "../custom-metrics.ts";
import type { MetricViews } from "../metric-views.ts";
import type { BigqueryLogin, Client } from "./client.ts";
import { type ApiError, isPassing, retrying } from "./retrying.ts";
import { dryRun, parseLocation } from "./sql-panel.ts";
import { inDatasets } from "./statements.ts";

type RunStatement = (sql: string) => Promise<unknown[][]>;

/**
 * What was made is written down beside the migrations: a view does not say what it was made for.
 */
const FILE = "metrics/";
const COMPILE = { deadlineMs: 30_000 };
/** The first line of the text within what is sent. */
const FIRST_LINE = 2;
const MOST_TABLES = 1_000;

/**
 * Custom metrics as views of the views' dataset, which the log's dataset trusts whatever is in it.
 *
 * The body of a view must name its datasets, even where the statement that makes it has a default
 * one. So that `FROM metrics` means what it does elsewhere, the views that a text mentions are
 * common tables before it.
 */
export function metricViews(client: Client, owner: BigqueryLogin, run: RunStatement): MetricViews {
  let views = new Set<string>();
  const common = (name: string, sql: string): string[] =>
    [...views]
      .filter((view) => view !== name && new RegExp(`\\b${view}\\b`, "i").test(sql))
      .map((view) => `${view} AS (SELECT * FROM integraviz_views.${view})`);
  return {
    async names() {
      const { tables = [] } = await retrying(
        () =>
          client<{ tables?: { tableReference: { tableId: string } }[] }>("GET", `/datasets/${owner.views}/tables`, {
            qs: { maxResults: MOST_TABLES },
            timeoutMs: COMPILE.deadlineMs,
          }),
        COMPILE,
      );
      views = new Set(tables.map(({ tableReference }) => tableReference.tableId));
      return new Set(views);
    },
    async made() {
      const rows = await run(
        `SELECT SUBSTR(name, ${FILE.length + 1}) FROM integraviz_events.migrations WHERE STARTS_WITH(name, '${FILE}')`,
      );
      return new Set(rows.map(([name]) => name as string));
    },
    async remember(name) {
      await run(
        `INSERT INTO integraviz_events.migrations (name, digest, done_at) VALUES ('${FILE}${name}', '', CURRENT_TIMESTAMP())`,
      );
    },
    async forget(name) {
      await run(`DELETE FROM integraviz_events.migrations WHERE name = '${FILE}${name}'`);
    },
    async columns(name, sql) {
      const tables = [...common(name, sql), `${name} AS (\n${sql}\n)`].join(", ");
      const text = inDatasets(`WITH ${tables} SELECT ${CUSTOM_COLUMN_LIST} FROM ${name}`, owner);
      const { schema } = await retrying(() => dryRun(client, owner, text), COMPILE);
      return new Map((schema?.fields ?? []).map((field) => [field.name, kindOf(field.type)]));
    },
    async create(name, sql) {
      const tables = common(name, sql).join(", ");
      const body = tables === "" ? sql : `WITH ${tables} SELECT * FROM (\n${sql}\n)`;
      await run(`CREATE OR REPLACE VIEW integraviz_views.${name} AS ${body}`);
      views.add(name);
    },
    async drop(name) {
      await run(`DROP VIEW IF EXISTS integraviz_views.${name}`);
      views.delete(name);
    },
    mistakeIn(error) {
      const { code, message = "" } = error as ApiError;
      if (isPassing(error) || (code !== 400 && code !== 403 && code !== 404)) return null;
      const location = parseLocation(message);
      return { line: location === null ? null : location.line - FIRST_LINE + 1, message };
    },
  };
}

function kindOf(type: string): ColumnKind | null {
  if (type === "STRING") return "text";
  if (type === "TIMESTAMP") return "time";
  return ["INTEGER", "FLOAT", "NUMERIC", "BIGNUMERIC"].includes(type) ? "number" : null;
}
