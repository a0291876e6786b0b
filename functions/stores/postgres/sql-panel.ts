import type { Socket } from "node:net";
import pg from "pg";
import Cursor from "pg-cursor";
import { Refusal } from "../../refusals/refusal.ts";
import { numberOf } from "../driver-rows.ts";
import type { SqlResult } from "../store.ts";

const MAX_ROWS = 10_000;
/** Of the database's answer, as it comes over the line. */
const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 10_000;

/**
 * One statement as the reader, in a read-only transaction of its own. The extended protocol takes a
 * single statement, the role sees only views, and the session is thrown away, so that nothing a
 * statement sets outlives it.
 *
 * `queriesOnly` takes nothing but a query: EXPLAIN tells of rows that a role may not see, and
 * LISTEN of their arrival.
 */
export async function runSql(
  pool: pg.Pool,
  statement: string,
  { queriesOnly = false }: { queriesOnly?: boolean } = {},
): Promise<SqlResult> {
  const client = await pool.connect();
  const line = boundLine(client);
  try {
    await client.query("BEGIN READ ONLY");
    await client.query(`SET LOCAL statement_timeout = ${TIMEOUT_MS}`);
    await client.query("SET LOCAL TIME ZONE 'UTC'");
    if (queriesOnly) await requireQuery(client, statement);
    const cursor = client.query(new PanelCursor(statement, [], { rowMode: "array", types: AS_TEXT }));
    const texts: (string | null)[][] = [];
    cursor.on("row", (row) => texts.push(row));
    // In one fetch: a statement can lift its time-out with set_config, for those that follow the
    // first.
    await cursor.read(MAX_ROWS + 1).catch((error) => {
      if (!line.isCut || texts.length === 0) throw error;
    });
    if (cursor.isCopy) throw new Refusal("sql-not-a-query", "COPY is not taken here.", { fix: "Use SELECT." });
    const fields = (cursor as unknown as { _result: { fields: { name: string; dataTypeID: number }[] } })._result
      .fields;
    const parsers = fields.map(({ dataTypeID }) => parserOf(dataTypeID));
    return {
      columns: fields.map(({ name, dataTypeID }) => ({ name, type: TYPE_NAMES[dataTypeID] ?? "text" })),
      rows: texts
        .slice(0, MAX_ROWS)
        .map((row) => row.map((text, column) => (text === null ? null : (parsers[column] as Parser)(text)))),
      truncated: line.isCut || texts.length > MAX_ROWS,
    };
  } catch (error) {
    throw line.isCut ? tooWide() : refused(error);
  } finally {
    client.release(true);
  }
}

const tooWide = () =>
  new Refusal("sql-too-large", `The answer has more than ${MAX_BYTES / 1024 / 1024} MB before a row of it ends.`, {
    fix: "Select less of each row, such as left(column, 1000).",
  });

/**
 * Cuts the connection when more than MAX_BYTES came over it. The driver gathers a message, be it a
 * row or an error, however long it is, and an error that is thrown while it reads one ends the
 * process.
 */
function boundLine(client: pg.ClientBase): { readonly isCut: boolean } {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  let [bytes, isCut] = [0, false];
  stream.prependListener("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BYTES) return;
    isCut = true;
    stream.destroy();
  });
  return {
    get isCut() {
      return isCut;
    },
  };
}

const DECLARE = "DECLARE panel CURSOR FOR ";

/**
 * The server's own grammar says what a query is: a cursor can be had for nothing else, and reads
 * nothing yet.
 */
async function requireQuery(client: pg.ClientBase, statement: string): Promise<void> {
  try {
    // Only in the extended protocol is it sure to be a single statement.
    await client.query({ name: "panel", text: DECLARE + statement });
    await client.query("CLOSE panel");
  } catch (error) {
    const { position } = error as { position?: string };
    if (position !== undefined) Object.assign(error as object, { position: String(+position - DECLARE.length) });
    throw error;
  }
}

/**
 * The driver hands the data of COPY ... TO STDOUT to its query, and a cursor without this would end
 * the process.
 */
class PanelCursor extends Cursor<(string | null)[]> {
  isCopy = false;

  handleCopyData(): void {
    this.isCopy = true;
  }
}

const { builtins } = pg.types;
const TYPE_NAMES: Record<number, string> = Object.fromEntries(
  Object.entries(builtins).map(([name, oid]) => [oid, name.toLowerCase()]),
);

const NUMBERS = new Set<number>([
  builtins.INT2,
  builtins.INT4,
  builtins.INT8,
  builtins.FLOAT4,
  builtins.FLOAT8,
  builtins.NUMERIC,
]);

/** For the driver, which parses where nothing may be thrown. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

type Parser = (text: string) => unknown;

/**
 * Cells as JSON holds them: numbers where a number is exact enough, `{"$num": text}` for the
 * others.
 */
function parserOf(oid: number): Parser {
  if (NUMBERS.has(oid)) return numberOf;
  if (oid === builtins.BOOL) return (text) => text === "t";
  if (oid === builtins.JSON || oid === builtins.JSONB) return jsonOf;
  return (text) => text;
}

/** A statement can have its answer in an encoding that makes no JSON of it. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refused(error: unknown): unknown {
  const { code, message, position, hint } = error as {
    code?: string;
    message?: string;
    position?: string;
    hint?: string;
  };
  if (code === undefined || code.length !== 5 || (code.startsWith("08") && code !== "08P01") || code.startsWith("57P"))
    return error;
  const location = position === undefined ? {} : { field: `sql, character ${position}` };
  if (code === "57014") {
    return new Refusal("sql-timeout", `The statement took longer than ${TIMEOUT_MS / 1000} s.`, {
      ...location,
      fix: "Narrow it: a project, a run, a metric.",
    });
  }
  return new Refusal("invalid-sql", `${message}.`, {
    ...location,
    fix: hint ?? "Read from runs, metrics, latest_metrics, run_summary, audit or raw_link, in one SELECT.",
  });
}
