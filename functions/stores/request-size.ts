import type { Event } from "../event/event.ts";

const LOGS_OF_ONE = 4_096;

/**
 * What a request weighs in a statement: an event 1, or its logs in units of 4 KiB where they are
 * longer.
 */
export function weightOf(events: readonly Event[]): number {
  return events.reduce((sum, { logs }) => sum + Math.max(1, (logs?.length ?? 0) / LOGS_OF_ONE), 0);
}

/** What may wait to be stored: a hundred thousand events, or 400 MiB of logs. */
export const ROOM = 100_000;

/** Bytes of a request in a warehouse's statement, where metrics stand beside the logs once more. */
export function bytesOf(events: readonly Event[], columns: number): number {
  return events.reduce((sum, { logs }) => sum + columns + 2 * (logs?.length ?? 0), 0);
}

export const ROOM_BYTES = 400 * 1024 * 1024;
