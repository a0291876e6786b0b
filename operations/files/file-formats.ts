import { extname } from "node:path";
import { Mistake } from "../../commands/terminal/mistake.ts";
import type { LoggedEvent } from "../../functions/stores/store.ts";
import { CSV_COLUMNS, duckdbFile } from "./duckdb-files.ts";
import type { EventFields } from "./event-fields.ts";
import { eventLines } from "./event-lines.ts";

export interface FieldsAt {
  fields: EventFields;
  /** "line 17", for errors. */
  source: string;
}

/** A kind of file that holds events. */
export interface FileFormat {
  write(file: string, pages: AsyncIterable<LoggedEvent[]>): Promise<void>;
  read(file: string): AsyncIterable<FieldsAt[]>;
}

export const fileFormats: Record<string, FileFormat> = {
  parquet: duckdbFile({
    write: "FORMAT parquet, COMPRESSION zstd",
    read: (file) => `read_parquet(${file})`,
  }),
  // An empty text is quoted, null is not.
  csv: duckdbFile({
    write: "FORMAT csv, HEADER",
    read: (file) =>
      `read_csv(${file}, header = true, columns = ${CSV_COLUMNS}, nullstr = '', allow_quoted_nulls = false)`,
  }),
  jsonl: eventLines,
};

/** The format that is named, else that of the file's ending. */
export function formatOf(file: string, named: string | undefined): FileFormat {
  const name = named ?? extname(file).slice(1);
  const format = Object.hasOwn(fileFormats, name) ? fileFormats[name] : undefined;
  if (format !== undefined) return format;
  const known = Object.keys(fileFormats).join(", ");
  throw new Mistake(
    named === undefined
      ? `${file}: the ending tells no format: use one of ${known}, or --format.`
      : `--format ${named}: use ${known}.`,
  );
}
