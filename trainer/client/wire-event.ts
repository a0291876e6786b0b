import type { Int } from "../../functions/event/event.ts";

/** An event as it goes over the wire: `POST /v1/events` describes the fields. */
export interface WireEvent {
  project?: string | undefined;
  run_id: string;
  event_id: string;
  writer?: string | undefined;
  seq: number;
  kind: string;
  epoch?: Int | undefined;
  step?: Int | undefined;
  batch?: Int | undefined;
  /** ISO 8601 with a zone. */
  created_at: string;
  logs?: Record<string, unknown> | undefined;
}

let lastSeq = 0;

/**
 * The writer's counter: one more than the last, or the clock in µs where that is higher, so that a
 * resumed run needs to read nothing.
 */
export function nextSeq(now: number = Date.now()): number {
  lastSeq = Math.max(lastSeq + 1, now * 1000);
  return lastSeq;
}

/**
 * The event as JSON text. What JSON has no number for becomes `{"$num": text}`: NaN, ±Infinity, −0
 * and a bigint beyond 2^53; a typed array becomes an array. A field of logs that cannot be written
 * at all (it contains itself, its toJSON throws) is left out and named in `lost`: the event itself
 * always goes.
 */
export function encodeEvent(event: WireEvent): { text: string; lost: string[] } {
  try {
    return { text: JSON.stringify(event, exactNumbers), lost: [] };
  } catch {
    const logs: Record<string, unknown> = {};
    const lost: string[] = [];
    for (const key of Object.keys(event.logs ?? {})) {
      try {
        const text = JSON.stringify(event.logs?.[key], exactNumbers);
        if (text !== undefined) logs[key] = JSON.parse(text);
      } catch {
        lost.push(key);
      }
    }
    return { text: JSON.stringify({ ...event, logs }, exactNumbers), lost };
  }
}

function exactNumbers(_key: string, value: unknown): unknown {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return { $num: String(value) };
    return Object.is(value, -0) ? { $num: "-0" } : value;
  }
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : { $num: value.toString() };
  }
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float32Array) : value;
}
