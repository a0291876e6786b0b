import type snowflake from "snowflake-sdk";
import { Refusal } from "../../refusals/refusal.ts";
import { numberOf } from "../driver-rows.ts";
import type { SqlResult, Value } from "../store.ts";
import { type Connection, isPassing } from "./connection.ts";

const MAX_ROWS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_SECONDS = 10;

/**
 * After comments and brackets. Anything else is refused here: PUT and GET would reach for this
 * machine's files.
 */
const QUERY = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\()*(?:select|with)\b/i;

/** One query as the reader, whose role sees views only and may create nothing. */
export async function runSql(db: Connection, sql: string): Promise<SqlResult> {
  if (!QUERY.test(sql)) {
    throw new Refusal("sql-not-a-query", "Only a query is taken here.", { fix: "Use one SELECT, or WITH ... SELECT." });
  }
  try {
    const parameters = { ROWS_PER_RESULTSET: MAX_ROWS + 1, MULTI_STATEMENT_COUNT: 1 };
    const statement = await db.stream({ sql, timeoutSeconds: TIMEOUT_SECONDS, parameters });
    return await resultOf(statement);
  } catch (error) {
    throw refused(error);
  }
}

async function resultOf(statement: snowflake.RowStatement): Promise<SqlResult> {
  const columns = statement.getColumns() ?? [];
  const cells = columns.map((column) => cellOf(column.getType()));
  const rows: unknown[][] = [];
  let bytes = 0;
  let truncated = false;
  for await (const row of statement.streamRows() as AsyncIterable<unknown[]>) {
    bytes += row.reduce<number>((sum, cell) => sum + 16 + (typeof cell === "string" ? cell.length : 0), 0);
    truncated = rows.length === MAX_ROWS || bytes > MAX_BYTES;
    if (truncated) break;
    rows.push(row.map((cell, index) => (cell === null ? null : cells[index]?.(cell))));
  }
  return {
    columns: columns.map((column) => ({ name: nameOf(column.getName()), type: column.getType() })),
    rows,
    truncated,
  };
}

/**
 * Snowflake writes names in upper case that were not in quotes, as others write them in lower case.
 */
function nameOf(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name.toLowerCase() : name;
}

/**
 * Cells as JSON holds them: numbers where a number is exact enough, `{"$num": text}` for the
 * others.
 */
function cellOf(type: string): (cell: unknown) => unknown {
  if (type === "fixed") return (cell) => numberOf(String(cell));
  if (type === "real") return (cell) => doubleOf(String(cell));
  if (type === "variant" || type === "object" || type === "array") return jsonOf;
  return (cell) => cell;
}

/** A double as Snowflake writes it: NaN, inf, -inf, 1e300. */
export function doubleOf(text: string): Value {
  const number = Number(text.replace(/inf$/, "Infinity"));
  return Number.isFinite(number) && !Object.is(number, -0)
    ? number
    : { $num: Object.is(number, -0) ? "-0" : String(number) };
}

/** A VARIANT may hold what is no JSON, such as undefined. */
function jsonOf(cell: unknown): unknown {
  try {
    return JSON.parse(String(cell));
  } catch {
    return cell;
  }
}

/** What the server says of a statement, and where in it: both counted from 1. */
export function saidOf(message: string): { text: string; location: { line: number; character: number } | null } {
  const [, line, position] = /line (\d+) at position (\d+)/.exec(message) ?? [];
  const text = message.replace(/^\d+ \(\w+\): (SQL compilation error:\s*)?/, "").replace(/\s+/g, " ");
  return {
    text: text.trim().replace(/\.?$/, "."),
    location: line === undefined ? null : { line: Number(line), character: Number(position) + 1 },
  };
}

/** 000604 and 000630: cancelled, by the time-out or by someone. */
const CANCELLED = /^0*(604|630)$/;

function refused(error: unknown): unknown {
  const { code, sqlState, message } = error as { code?: unknown; sqlState?: string; message?: string };
  if (CANCELLED.test(String(code))) {
    return new Refusal("sql-timeout", `The statement took longer than ${TIMEOUT_SECONDS} s.`, {
      fix: "Narrow it: a project, a run, a metric.",
    });
  }
  if (error instanceof Refusal || sqlState === undefined || isPassing(error)) return error;
  const { text, location } = saidOf(message ?? "");
  return new Refusal("invalid-sql", text, {
    ...(location === null ? {} : { field: `sql, line ${location.line}, character ${location.character}` }),
    fix: "Read from runs, metrics, latest_metrics, run_summary, audit or raw_link, in one SELECT.",
  });
}
