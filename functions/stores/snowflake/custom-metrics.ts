import { type ColumnKind, CUSTOM_COLUMN_LIST } from "../custom-metrics.ts";
import type { MetricViews } from "../metric-views.ts";
import { type Connection, isPassing, retrying } from "./connection.ts";
import { saidOf } from "./sql-panel.ts";

type RunStatement = <Row extends object>(sql: string, binds?: string[]) => Promise<Row[]>;

const NAMES = `SELECT LOWER(table_name) AS "name" FROM information_schema.tables WHERE table_schema = CURRENT_SCHEMA()
UNION
SELECT LOWER(table_name) FROM information_schema.views WHERE table_schema = CURRENT_SCHEMA()`;
/**
 * What was made is written down beside the migrations: a view does not say what it was made for.
 */
const FILE = "metrics/";
const COMPILE = { timeoutSeconds: 60, deadlineMs: 60_000 };
/** The first line of the text within what is sent. */
const FIRST_LINE = 2;

/** Custom metrics as views of a schema. Readers have a grant on views that are yet to come. */
export function metricViews(db: Connection, run: RunStatement): MetricViews {
  const namesOf = async (sql: string, binds: string[] = []) =>
    new Set((await run<{ name: string }>(sql, binds)).map(({ name }) => name));
  return {
    names: () => namesOf(NAMES),
    made: () =>
      namesOf(
        `SELECT DISTINCT SUBSTR(name, ${FILE.length + 1}) AS "name" FROM migrations WHERE STARTSWITH(name, '${FILE}')`,
      ),
    async remember(name) {
      await run("INSERT INTO migrations (name, hash, applied_at) SELECT :1, '', SYSDATE()", [FILE + name]);
    },
    async forget(name) {
      await run("DELETE FROM migrations WHERE name = :1", [FILE + name]);
    },
    async columns(name, sql) {
      const text = `WITH ${name} AS (\n${sql}\n) SELECT ${CUSTOM_COLUMN_LIST} FROM ${name} LIMIT 0`;
      const statement = await retrying(() => db.stream({ sql: text, ...COMPILE }), COMPILE);
      const columns = statement.getColumns() ?? [];
      return new Map(columns.map((column) => [column.getName().toLowerCase(), kindOf(column.getType())]));
    },
    async create(name, sql) {
      await run(`CREATE OR REPLACE VIEW ${name} COPY GRANTS AS\n${sql}`);
    },
    async drop(name) {
      await run(`DROP VIEW IF EXISTS ${name}`);
    },
    mistakeIn(error) {
      const { sqlState, message } = error as { sqlState?: string; message?: string };
      if (sqlState === undefined || isPassing(error)) return null;
      const { text, location } = saidOf(message ?? "");
      return { line: location === null ? null : location.line - FIRST_LINE + 1, message: text };
    },
  };
}

function kindOf(type: string): ColumnKind | null {
  if (type === "text") return "text";
  if (type === "fixed" || type === "real") return "number";
  return type.startsWith("timestamp") ? "time" : null;
}
