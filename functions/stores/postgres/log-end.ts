import type { Cursor } from "../store.ts";
import type { Reader } from "./reader.ts";

/** The position behind that of the last event, whether readers see it yet or not. */
export async function readLogEnd(reader: Reader): Promise<bigint> {
  const [row] = await reader.read<{ end: string }>("logEnd");
  return BigInt((row as { end: string }).end);
}

/** The cursor of a reader who comes to the horizon. It may be a little lower than one before. */
export async function cursorAt(reader: Reader, after: Cursor, horizon: Cursor): Promise<Cursor> {
  const isPast = BigInt(after) <= BigInt(horizon);
  // A position behind the end is one of another log.
  return isPast || BigInt(after) > (await readLogEnd(reader)) ? horizon : after;
}
