import { numbered, orderedValues, type Values } from "../named-parameters.ts";
import { requireSql, sqlFiles } from "../sql-files.ts";
import type { Statement } from "./connection.ts";

const files = sqlFiles(new URL("./sql/", import.meta.url));
const read = (name: string) => numbered(requireSql(files, name), ":");

/** The SQL of this store, one file a statement. */
const statements = {
  mark: read("mark"),
  insert: read("insert"),
  compare: read("compare"),
  control: read("control"),
  projects: read("projects"),
  runs: read("runs"),
  summary: read("summary"),
  audit: read("audit"),
  tagSeq: read("tag-seq"),
  series: read("series"),
  events: read("events"),
  log: read("log"),
  logSize: read("log-size"),
  newestMark: read("newest-mark"),
  horizon: read("horizon"),
  denyToken: read("deny-token"),
  deniedTokens: read("denied-tokens"),
} as const;
export type StatementName = keyof typeof statements;

type Bound = Pick<Statement, "sql" | "binds">;

/** A statement of this store with its values, each as text: lists and objects as JSON. */
export function statementOf(name: StatementName, values: Values = {}): Bound {
  const statement = statements[name];
  return { sql: statement.text, binds: orderedValues(statement, values).map(bindOf) };
}

function bindOf(value: unknown): string | null {
  if (value === null) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What insert.sql reads one page by. */
const ONE_PAGE = "SELECT CAST(:1 AS VARCHAR) AS page";

/** The statement that stores all pages, each a JSON array of rows. */
export function insertOfPages(pages: readonly string[]): Bound {
  const selects = pages.map((_, index) => ONE_PAGE.replace(":1", `:${index + 1}`));
  return { sql: statements.insert.text.replace(ONE_PAGE, selects.join(" UNION ALL ")), binds: [...pages] };
}
