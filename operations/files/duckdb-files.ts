import { mkdtemp, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type DuckDBAppender, type DuckDBConnection, DuckDBInstance, DuckDBTimestampTZValue } from "@duckdb/node-api";
import { quotedText } from "../../functions/stores/sql-text.ts";
import { Mistake } from "../mistake.ts";
import { EVENT_COLUMNS, type EventFields, fieldsOf, REQUIRED } from "./event-fields.ts";
import type { FileFormat } from "./file-format.ts";

/** A file that DuckDB writes and reads. */
function duckdbFile({ write, read }: { write: string; read: (file: string) => string }): FileFormat {
  return {
    async write(file, pages) {
      // On disk: a log may be larger than the memory.
      const folder = await mkdtemp(join(dirname(file), ".export-"));
      try {
        await withDuckdb(join(folder, "events.duckdb"), async (db) => {
          await db.run(`CREATE TABLE events (${columns((name, type) => `${name} ${type}`)})`);
          const appender = await db.createAppender("events");
          for await (const events of pages) {
            for (const event of events) append(appender, fieldsOf(event));
            appender.flushSync();
          }
          appender.closeSync();
          // A CSV says times in the zone of the session.
          await db.run("SET TimeZone = 'UTC'");
          await db.run(`COPY events TO ${quotedText(file)} (${write})`);
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },

    async *read(file) {
      if ((await stat(file)).size === 0) throw new Mistake("the file is empty.");
      const db = await (await DuckDBInstance.create(":memory:")).connect();
      try {
        const source = read(quotedText(file));
        const selected = selectedColumns((await db.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`)).getRows());
        const result = await db.stream(`SELECT ${selected} FROM ${source}`);
        let row = 0;
        for (;;) {
          const chunk = await result.fetchChunk();
          if (chunk === null || chunk.rowCount === 0) return;
          yield chunk.getRowObjects(result.deduplicatedColumnNames()).map((fields) => {
            row += 1;
            return { fields: fields as unknown as EventFields, source: `row ${row}` };
          });
        }
      } finally {
        db.closeSync();
      }
    },
  };
}

function columns(each: (name: string, type: string) => string): string {
  return Object.entries(EVENT_COLUMNS)
    .map(([name, type]) => each(name, type))
    .join(", ");
}

/**
 * The columns of an event out of those of a file, whatever their types, as text: what is wrong in
 * it is then told by row and column. DuckDB knows names whatever their case, and so they are found.
 * @param described rows of DESCRIBE: name and type first
 */
function selectedColumns(described: readonly unknown[][]): string {
  const there = described.map(([name, type]) => ({ name: String(name), type: String(type) }));
  return Object.entries(EVENT_COLUMNS)
    .map(([column, type]) => {
      const [found] = there.filter(({ name }) => name.toLowerCase() === column);
      if (found !== undefined) return `${asText(found, type)} AS ${column}`;
      if (!(REQUIRED as readonly string[]).includes(column)) return `NULL AS ${column}`;
      const names = there.map(({ name }) => name).join(", ");
      throw new Mistake(`there is no column ${column}. It has ${names}; an event needs ${REQUIRED.join(", ")}.`);
    })
    .join(", ");
}

function asText({ name, type }: { name: string; type: string }, wanted: string): string {
  const column = `"${name.replaceAll('"', '""')}"`;
  // In UTC, to the µs.
  const ofMicros = (micros: string) => `strftime(make_timestamp(${micros}), '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (wanted === "TIMESTAMPTZ" && type === "DATE") return ofMicros(`epoch_us(CAST(${column} AS TIMESTAMP))`);
  if (wanted === "TIMESTAMPTZ" && type.startsWith("TIMESTAMP")) return ofMicros(`epoch_us(${column})`);
  return /^(STRUCT|MAP)\b|\]$/.test(type) ? `CAST(to_json(${column}) AS VARCHAR)` : `CAST(${column} AS VARCHAR)`;
}

function append(appender: DuckDBAppender, fields: EventFields): void {
  for (const [name, type] of Object.entries(EVENT_COLUMNS)) {
    const value = fields[name as keyof EventFields];
    if (value === null) appender.appendNull();
    else if (type === "VARCHAR") appender.appendVarchar(value as string);
    else if (type === "INTEGER") appender.appendInteger(value as number);
    else if (type === "BIGINT") appender.appendBigInt(BigInt(value as number | bigint));
    else appender.appendTimestampTZ(new DuckDBTimestampTZValue(BigInt(value as number)));
  }
  appender.endRow();
}

async function withDuckdb(path: string, work: (db: DuckDBConnection) => Promise<void>): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const db = await instance.connect();
  try {
    await work(db);
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

/**
 * `logs` stays text: typed, a reader of many files would take it by the first (findings/README.md,
 * F19, M11).
 */
export const parquet = duckdbFile({
  write: "FORMAT parquet, COMPRESSION zstd",
  read: (file) => `read_parquet(${file})`,
});

// An empty text is quoted, null is not. Told nothing, DuckDB, pandas and pyarrow read both as null
// (findings/README.md, N1).
/** Run ids such as `007` and `1e5` are numbers to others (findings/README.md, F8, F11). */
export const csv = duckdbFile({
  write: "FORMAT csv, HEADER",
  read: (file) =>
    `read_csv(${file}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false)`,
});
