import { createHash } from "node:crypto";
import type { Event, Int } from "../../event/event.ts";
import { numbersIn } from "../metric-numbers.ts";

/** A row of tabledata.insertAll. */
export interface InsertRow {
  /**
   * What the vendor drops repeats by for a minute or so, at its best effort: the identity and the
   * body.
   */
  insertId: string;
  json: Record<string, unknown>;
}

/** @param pos µs since 1970 by the server's clock, no two events alike */
export function insertRowOf(event: Event, pos: number): InsertRow {
  const createdAt = event.createdAt ?? pos;
  // A writer without a counter is ordered by arrival: its clock may go back.
  const seq = event.seq ?? event.receivedAt ?? pos;
  const json = {
    received_at: iso(pos),
    ...(event.receivedAt === undefined ? {} : { first_received_at: iso(event.receivedAt) }),
    seq: String(seq),
    created_at: iso(createdAt),
    epoch: whole(event.epoch),
    step: whole(event.step),
    batch: whole(event.batch),
    sent_skew: whole(event.sentSkew),
    project: event.project,
    run_id: event.run,
    event_id: event.id,
    writer: event.writer,
    kind: event.kind,
    actor: event.actor,
    logs: event.logs,
    entries: entriesOf(event),
  };
  const said = { ...event, seq: whole(event.seq), epoch: json.epoch, step: json.step, batch: json.batch };
  return { insertId: createHash("sha256").update(JSON.stringify(said)).digest("base64"), json };
}

/** int64 beyond 2^53 goes as text. */
const whole = (value: Int | null): string | null => (value === null ? null : String(value));

/** ISO 8601 in UTC, to the µs. */
function iso(micros: number): string {
  const ms = Math.floor(micros / 1000);
  return new Date(ms).toISOString().replace("Z", `${String(micros - ms * 1000).padStart(3, "0")}Z`);
}

interface Entry {
  key: string;
  /** The double behind a number; NaN and infinities by name. */
  value: number | string | null;
  /** Of a metric the digits, of a param or tag its JSON. */
  text: string;
}

const KEPT = new Set(["params", "tags", "heartbeat"]);

/**
 * What views read of the logs: of events with metrics their numbers, of params, tags and heartbeats
 * everything.
 */
function entriesOf(event: Event): Entry[] {
  const numbers = numbersIn(event).map(([key, text]) => ({ key, value: double(text), text }));
  if (event.logs === null || !KEPT.has(event.kind)) return numbers;
  return Object.entries(JSON.parse(event.logs) as Record<string, unknown>).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? value : null,
    text: JSON.stringify(value),
  }));
}

/** JSON has no NaN, no infinity, and JavaScript writes -0 as 0. */
function double(text: string): number | string {
  const value = Number(text);
  if (Object.is(value, -0)) return "-0.0";
  return Number.isFinite(value) ? value : String(value);
}
