import { extname } from "node:path";
import { Mistake } from "../mistake.ts";
import type { FileFormat } from "./file-format.ts";

/** By name, loaded when one is needed: Parquet and CSV want DuckDB. */
export const fileFormats: Record<string, () => Promise<FileFormat>> = {
  parquet: async () => (await import("./duckdb-files.ts")).parquet,
  csv: async () => (await import("./duckdb-files.ts")).csv,
  jsonl: async () => (await import("./event-lines.ts")).eventLines,
};

/** Finds the format that is named, else that of the file's ending. Rejects with a Mistake. */
export async function findFormat(file: string, named: string | undefined): Promise<FileFormat> {
  const name = named ?? extname(file).slice(1);
  if (Object.hasOwn(fileFormats, name)) return (fileFormats[name] as () => Promise<FileFormat>)();
  const known = Object.keys(fileFormats).join(", ");
  throw new Mistake(
    named === undefined
      ? `${file}: the ending tells no format: use one of ${known}, or --format.`
      : `--format ${named}: use ${known}.`,
  );
}
