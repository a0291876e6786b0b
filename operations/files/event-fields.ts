import type { Event } from "../../functions/event/event.ts";
import { readExactly } from "../../functions/event/exact-json.ts";
import { readInt, readLogs, readName, readProject, readTime } from "../../functions/event/values.ts";
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
 * @param fields received_at may be missing: it is then now; times as ISO 8601, integers beyond 2^53
 * as bigint, logs as JSON text
 */
export function readEvent(fields: EventFields, source: string): Event {
  const int = (name: keyof EventFields) => readInt(exact(fields[name]), `${source}: ${name}`, true);
  const name = (of: keyof EventFields, empty = false) => readName(fields[of], `${source}: ${of}`, { empty });
  const { actor, logs, received_at: received } = fields;
  return {
    project: readProject(fields.project, `${source}: project`),
    run: name("run_id"),
    id: name("event_id"),
    writer: name("writer", true),
    seq: int("seq"),
    kind: name("kind"),
    actor: isNone(actor) ? null : name("actor", true),
    epoch: int("epoch"),
    step: int("step"),
    batch: int("batch"),
    createdAt: readTime(fields.created_at, `${source}: created_at`),
    sentSkew: int("sent_skew") as number | null,
    ...(isNone(received) ? {} : { receivedAt: readTime(received, `${source}: received_at`) }),
    logs: isNone(logs)
      ? null
      : readExactly(String(logs), (value, isExact) => readLogs(value, `${source}: logs`, isExact)),
  };
}

const isNone = (value: unknown) => value === null || value === undefined;
const exact = (value: unknown) => (typeof value === "bigint" ? { $num: String(value) } : value);
