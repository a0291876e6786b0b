import pg from "pg";
import Cursor from "pg-cursor";
import { Refusal } from "../../refusal.ts";
import { numberOf } from "../rows.ts";
import type { SqlResult } from "../store.ts";

const MAX_ROWS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const GRACE_MS = 500;

/**
 * One statement as the reader, in a read-only transaction of its own. The extended protocol takes a single statement,
 * the role sees only views, and the session is thrown away, so that nothing a statement sets outlives it.
 *
 * `queriesOnly` takes nothing but a query: EXPLAIN tells of rows that a role may not see, and LISTEN of their arrival.
 */
export async function runSql(
  pool: pg.Pool,
  statement: string,
  { queriesOnly = false }: { queriesOnly?: boolean } = {},
): Promise<SqlResult> {
  const client = await pool.connect();
  // The pool listens only while it holds the connection. The statement under way fails by itself.
  client.on("error", () => {});
  let deadline: NodeJS.Timeout | undefined;
  try {
    await client.query("BEGIN READ ONLY");
    await client.query(`SET LOCAL statement_timeout = ${TIMEOUT_MS}`);
    await client.query("SET LOCAL TIME ZONE 'UTC'");
    const { rows: session } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    // A statement can lift its own time-out with set_config, for the fetches that follow the first.
    deadline = setTimeout(() => void cancel(pool, session[0]?.pid), TIMEOUT_MS + GRACE_MS);
    if (queriesOnly) await requireQuery(client, statement);
    let bytes = 0;
    const types = asJson((text) => {
      bytes += text.length;
    });
    const cursor = client.query(new PanelCursor(statement, [], { rowMode: "array", types }));
    const rows: unknown[][] = [];
    while (rows.length <= MAX_ROWS && bytes <= MAX_BYTES) {
      // One row tells how many more of its kind fit.
      const fit = rows.length === 0 ? 1 : Math.floor((MAX_BYTES - bytes) / (bytes / rows.length)) + 1;
      const some = await cursor.read(Math.min(fit, 500));
      if (some.length === 0) break;
      bytes += 16 * some.length;
      rows.push(...some);
    }
    if (cursor.isCopy) throw new Refusal(400, "COPY is not taken here.", { fix: "Use SELECT." });
    const fields = (cursor as unknown as { _result: { fields: { name: string; dataTypeID: number }[] } })._result
      .fields;
    const truncated = rows.length > MAX_ROWS || bytes > MAX_BYTES;
    return {
      columns: fields.map(({ name, dataTypeID }) => ({ name, type: TYPE_NAMES[dataTypeID] ?? "text" })),
      rows: rows.slice(0, MAX_ROWS),
      truncated,
    };
  } catch (error) {
    throw refused(error);
  } finally {
    clearTimeout(deadline);
    client.release(true);
  }
}

const DECLARE = "DECLARE panel CURSOR FOR ";

/** The server's own grammar says what a query is: a cursor can be had for nothing else, and reads nothing yet. */
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

/** Ends the statement of another session of the same role. */
async function cancel(pool: pg.Pool, pid: number | undefined): Promise<void> {
  const client = new pg.Client(pool.options);
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT pg_cancel_backend($1)", [pid]);
  } catch {
    // The database is away, and the statement with it.
  } finally {
    await client.end().catch(() => {});
  }
}

/** The driver hands the data of COPY ... TO STDOUT to its query, and a cursor without this would end the process. */
class PanelCursor extends Cursor<unknown[]> {
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

/** Cells as JSON holds them: numbers where a number is exact enough, `{"$num": text}` for the others. */
function asJson(seen: (text: string) => void) {
  return {
    getTypeParser(oid: number) {
      const parse = parserOf(oid);
      return (text: string) => {
        seen(text);
        return parse(text);
      };
    },
  } as unknown as NonNullable<NonNullable<ConstructorParameters<typeof Cursor>[2]>["types"]>;
}

function parserOf(oid: number): (text: string) => unknown {
  if (NUMBERS.has(oid)) return numberOf;
  if (oid === builtins.BOOL) return (text) => text === "t";
  if (oid === builtins.JSON || oid === builtins.JSONB) return (text) => JSON.parse(text);
  return (text) => text;
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
  const place = position === undefined ? {} : { field: `sql, character ${position}` };
  if (code === "57014") {
    return new Refusal(400, `The statement took longer than ${TIMEOUT_MS / 1000} s.`, {
      ...place,
      fix: "Narrow it: a project, a run, a metric.",
    });
  }
  return new Refusal(400, `${message}.`, {
    ...place,
    fix: hint ?? "Read from runs, metrics, latest_metrics, run_summary, audit or raw_link, in one SELECT.",
  });
}
