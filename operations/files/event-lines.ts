import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { parseExact } from "../../functions/event/exact-json.ts";
import type { LoggedEvent } from "../../functions/stores/store.ts";
import { EVENT_COLUMNS, type EventFields, fieldsOf } from "./event-fields.ts";
import type { FieldsAt, FileFormat } from "./file-format.ts";

/**
 * JSON, one event a line: as it is sent, with the fields that the server fills in. NaN is
 * `{"$num": "NaN"}`, since no two readers agree on a bare one (findings/README.md, F14).
 */
export const eventLines: FileFormat = {
  async write(file, pages) {
    const out = await open(file, "w");
    try {
      for await (const events of pages) await out.write(events.map(toEventLine).join(""));
    } finally {
      await out.close();
    }
  },

  async *read(file) {
    let number = 0;
    let page: FieldsAt[] = [];
    let size = 0;
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() === "") continue;
      page.push({ fields: readEventLine(line, `line ${number}`), source: `line ${number}` });
      size += line.length;
      if (page.length < LINES_A_PAGE && size < LETTERS_A_PAGE) continue;
      yield page;
      page = [];
      size = 0;
    }
    if (page.length > 0) yield page;
  },
};

const LINES_A_PAGE = 2_000;
const LETTERS_A_PAGE = 16 * 1024 * 1024;

/** An event as a line, with its end. */
export function toEventLine(event: LoggedEvent): string {
  const fields = fieldsOf(event);
  const parts = (Object.keys(EVENT_COLUMNS) as (keyof EventFields)[]).flatMap((name) => {
    const value = fields[name];
    return value === null ? [] : [`"${name}":${name === "logs" ? value : jsonOf(name, value)}`];
  });
  return `{${parts.join(",")}}\n`;
}

function jsonOf(name: keyof EventFields, value: unknown): string {
  if (typeof value === "bigint") return String(value);
  return JSON.stringify(EVENT_COLUMNS[name] === "TIMESTAMPTZ" ? isoOf(value as number) : value);
}

/** @param micros µs since 1970 */
function isoOf(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const rest = String(micros - seconds * 1_000_000).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${rest}Z`;
}

/** @param source where the line is, for errors */
export function readEventLine(line: string, source: string): EventFields {
  try {
    const entries = Object.entries(parseExact(line) as object).map(([name, value]) => [name.toLowerCase(), value]);
    const fields = Object.fromEntries(entries) as EventFields & { logs: unknown };
    // As text it is what other programs make of the column of a Parquet file.
    const asText = fields.logs === undefined || fields.logs === null || typeof fields.logs === "string";
    return { ...fields, logs: asText ? fields.logs : JSON.stringify(fields.logs) };
  } catch (error) {
    throw new Error(`${source}: ${(error as Error).message}`);
  }
}
