import type { Event, Int } from "../../functions/event/event.ts";
import { readExactly } from "../../functions/event/exact-json.ts";
import { readInt, readLogs, readName, readProject, readTime } from "../../functions/event/values.ts";
import { Refusal } from "../../functions/refusals/refusal.ts";
import type { LoggedEvent } from "../../functions/stores/store.ts";

/** The columns of an event in a file, in order, with their SQL types. `logs` is JSON text. */
export const EVENT_COLUMNS = {
  project: "VARCHAR",
  run_id: "VARCHAR",
  event_id: "VARCHAR",
  writer: "VARCHAR",
  seq: "BIGINT",
  kind: "VARCHAR",
  actor: "VARCHAR",
  epoch: "BIGINT",
  step: "BIGINT",
  batch: "BIGINT",
  created_at: "TIMESTAMPTZ",
  sent_skew: "INTEGER",
  received_at: "TIMESTAMPTZ",
  logs: "VARCHAR",
} as const;

/** What no event is without. */
export const REQUIRED = ["project", "run_id", "event_id", "kind", "created_at"] as const;

export type EventFields = Record<keyof typeof EVENT_COLUMNS, unknown>;

export function fieldsOf(event: LoggedEvent): EventFields {
  const { project, run, id, writer, seq, kind, actor, epoch, step, batch, createdAt, sentSkew, receivedAt, logs } =
    event;
  return {
    project,
    run_id: run,
    event_id: id,
    writer,
    seq,
    kind,
    actor,
    epoch,
    step,
    batch,
    created_at: createdAt,
    sent_skew: sentSkew,
    received_at: receivedAt,
    logs,
  };
}

/**
 * An event from a file, by the rules of an event that is sent. Throws a Refusal that names the
 * place.
 * @param fields all but REQUIRED may be missing; times as ISO 8601, UTC where they have no zone;
 * integers beyond 2^53 as bigint or text, logs as JSON text
 */
export function readEvent(fields: EventFields, source: string): Event {
  const int = (name: keyof EventFields) => readInt(whole(fields[name]), `${source}: ${name}`, true);
  const name = (of: keyof EventFields, empty = false) => readName(fields[of], `${source}: ${of}`, { empty });
  const { actor, logs, received_at: received } = fields;
  for (const column of REQUIRED) if (isNone(fields[column])) throw missing(column, source);
  return {
    project: readProject(fields.project, `${source}: project`),
    run: name("run_id"),
    id: name("event_id"),
    // Many programs make null of an empty text.
    writer: isNone(fields.writer) ? "" : name("writer", true),
    seq: int("seq"),
    kind: name("kind"),
    actor: isNone(actor) ? null : name("actor", true),
    epoch: int("epoch"),
    step: int("step"),
    batch: int("batch"),
    createdAt: readTime(fields.created_at, `${source}: created_at`),
    sentSkew: readSkew(int("sent_skew"), `${source}: sent_skew`),
    ...(isNone(received) ? {} : { receivedAt: readTime(received, `${source}: received_at`) }),
    logs: isNone(logs) ? null : readJson(String(logs), `${source}: logs`),
  };
}

const isNone = (value: unknown) => value === null || value === undefined;

function missing(column: string, source: string): Refusal {
  return new Refusal("invalid-request", `${source}: ${column} is missing.`, {
    field: column,
    fix: `Every event needs ${REQUIRED.join(", ")}.`,
  });
}

/**
 * A whole number as files of other programs hold it: as text, as 3.0, and as NaN where there is
 * none.
 */
function whole(value: unknown): unknown {
  if (typeof value === "bigint") return { $num: String(value) };
  if (typeof value !== "string") return value;
  if (/^-?nan$/i.test(value)) return null;
  const digits = /^(-?\d+)(?:\.0+)?$/.exec(value)?.[1];
  return digits === undefined ? value : { $num: digits };
}

function readSkew(skew: Int | null, field: string): number | null {
  if (skew === null || (skew >= -(2 ** 31) && skew < 2 ** 31)) return skew as number | null;
  throw new Refusal("invalid-integer", `${field} is not a whole number of 32 bits.`, {
    field,
    fix: "It is in ms: leave it empty where that is not known.",
  });
}

function readJson(text: string, field: string): string | null {
  try {
    return readExactly(text, (value, isExact) => readLogs(value, field, isExact));
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "not-json") throw error;
    throw new Refusal("invalid-logs", `${field} is not JSON.`, {
      field,
      fix: 'Put a JSON object there as text, such as {"loss": 0.3}.',
    });
  }
}
