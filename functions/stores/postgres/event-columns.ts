import type { Event } from "../../event/event.ts";
import { BinaryArray, OID } from "./binary-arrays.ts";

/**
 * Makes the arrays that given-events.sql takes, a column each, in key order: two
 * statements that insert the same keys in different orders deadlock. `ordinal` says where in
 * `events` a row was.
 */
export function columnsOf(events: readonly Event[]): Record<string, Buffer> {
  const n = events.length;
  const text = () => new BinaryArray(OID.text, n * 24);
  const int8 = () => new BinaryArray(OID.int8, n * 12);
  const columns = {
    project: text(),
    run: text(),
    event_id: new BinaryArray(OID.text, n * 44),
    writer: text(),
    seq: int8(),
    kind: text(),
    actor: text(),
    epoch: int8(),
    step: int8(),
    batch: int8(),
    created_at: new BinaryArray(OID.timestamptz, n * 12),
    sent_skew: new BinaryArray(OID.int4, n * 8),
    logs: new BinaryArray(OID.jsonb, n * 160),
    ordinal: new BinaryArray(OID.int4, n * 8),
    received_at: new BinaryArray(OID.timestamptz, n * 4),
  };
  for (const index of inKeyOrder(events)) {
    const event = events[index] as Event;
    columns.project.text(event.project);
    columns.run.text(event.run);
    columns.event_id.text(event.id);
    columns.writer.text(event.writer);
    columns.seq.int8(event.seq);
    columns.kind.text(event.kind);
    columns.actor.text(event.actor);
    columns.epoch.int8(event.epoch);
    columns.step.int8(event.step);
    columns.batch.int8(event.batch);
    columns.created_at.timestamp(event.createdAt);
    columns.sent_skew.int4(event.sentSkew);
    columns.logs.jsonb(event.logs);
    columns.ordinal.int4(index);
    columns.received_at.timestamp(event.receivedAt ?? null);
  }
  return Object.fromEntries(Object.entries(columns).map(([name, array]) => [name, array.done()]));
}

function inKeyOrder(events: readonly Event[]): Uint32Array {
  const order = Uint32Array.from(events, (_, index) => index);
  return order.sort((a, b) => {
    const left = events[a] as Event;
    const right = events[b] as Event;
    if (left.project !== right.project) return left.project < right.project ? -1 : 1;
    return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
  });
}
