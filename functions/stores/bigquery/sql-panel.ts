import { Refusal } from "../../refusals/refusal.ts";
import { numberOf } from "../driver-rows.ts";
import type { SqlResult } from "../store.ts";
import type { BigqueryLogin, Client } from "./client.ts";
import { cellOf, type Field, runQuery, type Scalar } from "./query.ts";
import { type ApiError, isPassing, reasonOf, retrying } from "./retrying.ts";

const MAX_ROWS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const DEADLINE_MS = 2_000;
/** Billed at the most for one statement: 6 cents where a TiB is 6.25 USD. */
const MAX_BILLED_BYTES = 10 * 1024 ** 3;

interface DryRun {
  statistics?: { query?: { statementType?: string; schema?: { fields?: Field[] } } };
}

/**
 * One statement as the reader, whose account has rights on the views' dataset alone. A dry run,
 * which costs nothing, says first what kind of statement it is; only a SELECT is run. Names that
 * stand alone are views.
 */
export async function runSql(client: Client, login: BigqueryLogin, statement: string): Promise<SqlResult> {
  try {
    return await retrying(() => run(client, login, statement), { deadlineMs: DEADLINE_MS });
  } catch (error) {
    throw refused(error);
  }
}

async function run(client: Client, login: BigqueryLogin, statement: string): Promise<SqlResult> {
  const { statementType: kind = "nothing" } = await dryRun(client, login, statement);
  if (kind !== "SELECT") {
    throw new Refusal("sql-not-a-query", `This is ${kind}, and only a SELECT is taken here.`, {
      field: "sql",
      fix: "Send one SELECT.",
    });
  }
  const { fields, pages } = await runQuery(client, login.location, {
    sql: statement,
    dataset: login.views,
    maximumBytes: MAX_BILLED_BYTES,
    timeoutMs: TIMEOUT_MS,
  });
  const rows: unknown[][] = [];
  let bytes = 0;
  for await (const page of pages) {
    for (const cells of page) {
      bytes += JSON.stringify(cells).length;
      if (rows.length < MAX_ROWS && bytes <= MAX_BYTES)
        rows.push(fields.map((field, index) => cellOf(field, cells[index], asJson)));
      else return { columns: fields.map(columnOf), rows, truncated: true };
    }
  }
  return { columns: fields.map(columnOf), rows, truncated: false };
}

/** What a statement would do and give, which costs nothing; names that stand alone are views. */
export async function dryRun(client: Client, { location, views }: BigqueryLogin, query: string) {
  const { statistics } = await client<DryRun>("POST", "/jobs", {
    json: {
      configuration: { dryRun: true, query: { query, useLegacySql: false, defaultDataset: { datasetId: views } } },
      jobReference: { location },
    },
    timeoutMs: TIMEOUT_MS,
  });
  return statistics?.query ?? {};
}

const columnOf = ({ name, type, mode }: Field) => ({
  name,
  type: mode === "REPEATED" ? `${type.toLowerCase()}[]` : type.toLowerCase(),
});

/**
 * Cells as JSON holds them: numbers where a number is exact enough, `{"$num": text}` for the
 * others.
 */
const asJson: Scalar = (type, text) => {
  switch (type) {
    case "INTEGER":
    case "FLOAT":
    case "NUMERIC":
    case "BIGNUMERIC":
      return numberOf(text);
    case "BOOLEAN":
      return text === "true";
    case "JSON":
      return JSON.parse(text);
    case "TIMESTAMP":
      return isoOf(BigInt(text));
    default:
      return text;
  }
};

/** Where in a statement a message says something is wrong, counted from 1. */
export function parseLocation(message: string): { line: number; character: number } | null {
  const [, line, character] = /at \[(\d+):(\d+)\]/.exec(message) ?? [];
  return line === undefined ? null : { line: Number(line), character: Number(character) };
}

function isoOf(micros: bigint): string {
  const below = ((micros % 1000n) + 1000n) % 1000n;
  return new Date(Number((micros - below) / 1000n)).toISOString().replace("Z", `${String(below).padStart(3, "0")}Z`);
}

function refused(error: unknown): unknown {
  const { code, message } = error as ApiError;
  if (error instanceof Refusal || isPassing(error)) return error;
  const reason = reasonOf(error);
  if (code === "ETIMEDOUT" || reason === "stopped" || /job timed out|timeout/i.test(message ?? "")) {
    return new Refusal("sql-timeout", `The statement took longer than ${TIMEOUT_MS / 1000} s.`, {
      fix: "Narrow it: a project, a run, a metric.",
    });
  }
  if (reason === "bytesBilledLimitExceeded") {
    return new Refusal("sql-too-large", "The statement would read more than 10 GiB.", {
      fix: "Narrow it: a project, a run, a metric; or fewer columns.",
    });
  }
  if (code !== 400 && code !== 403 && code !== 404) return error;
  const location = parseLocation(message ?? "");
  return new Refusal("invalid-sql", `${(message ?? "").replace(/\.$/, "")}.`, {
    ...(location === null ? {} : { field: `sql, line ${location.line}, character ${location.character}` }),
    fix: "Read from runs, metrics, latest_metrics, run_summary, audit or raw_link, in one SELECT.",
  });
}
