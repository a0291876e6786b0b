import { type Statement as NumberedStatement, numbered, orderedValues, type Values } from "../named-parameters.ts";
import { SHARED_STATEMENTS } from "../reads.ts";
import { sqlFiles, statementTexts } from "../sql-files.ts";
import type { Statement } from "./connection.ts";

/** The SQL of this store, one file a statement. */
const files = sqlFiles(new URL("./sql/", import.meta.url));
const reads = ["control", "series", "events", "log", "newestMark", "horizon", "deniedTokens"] as const;
const writes = ["mark", "insert", "compare", "denyToken"] as const;
const names = [...SHARED_STATEMENTS, ...reads, ...writes] as const;
export type StatementName = (typeof names)[number];

const texts = statementTexts(files, names);
const statements = new Map(names.map((name) => [name, numbered(texts[name], ":")]));
const requireStatement = (name: StatementName) => statements.get(name) as NumberedStatement;

type Bound = Pick<Statement, "sql" | "binds">;

/** A statement of this store with its values, each as text: lists and objects as JSON. */
export function statementOf(name: StatementName, values: Values = {}): Bound {
  const statement = requireStatement(name);
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
  return { sql: requireStatement("insert").text.replace(ONE_PAGE, selects.join(" UNION ALL ")), binds: [...pages] };
}
