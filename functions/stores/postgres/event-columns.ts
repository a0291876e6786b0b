import type { Event } from "../../event/event.ts";
import { BinaryArray, OID } from "./binary-arrays.ts";

/**
 * $1 to $15 of insert.sql and compare.sql: a column each, in key order, since two statements that
 * insert the same keys in different orders deadlock. The 14th says which index in `events` a row
 * has.
 */
export function columnsOf(events: readonly Event[]): Buffer[] {
  const n = events.length;
  const text = () => new BinaryArray(OID.text, n * 24);
  const int8 = () => new BinaryArray(OID.int8, n * 12);
  const project = text();
  const run = text();
  const id = new BinaryArray(OID.text, n * 44);
  const writer = text();
  const seq = int8();
  const kind = text();
  const actor = text();
  const epoch = int8();
  const step = int8();
  const batch = int8();
  const createdAt = new BinaryArray(OID.timestamptz, n * 12);
  const sentSkew = new BinaryArray(OID.int4, n * 8);
  const logs = new BinaryArray(OID.jsonb, n * 160);
  const ordinal = new BinaryArray(OID.int4, n * 8);
  const receivedAt = new BinaryArray(OID.timestamptz, n * 4);
  for (const index of inKeyOrder(events)) {
    const event = events[index] as Event;
    project.text(event.project);
    run.text(event.run);
    id.text(event.id);
    writer.text(event.writer);
    seq.int8(event.seq);
    kind.text(event.kind);
    actor.text(event.actor);
    epoch.int8(event.epoch);
    step.int8(event.step);
    batch.int8(event.batch);
    createdAt.timestamp(event.createdAt);
    sentSkew.int4(event.sentSkew);
    logs.jsonb(event.logs);
    ordinal.int4(index);
    receivedAt.timestamp(event.receivedAt ?? null);
  }
  const ids = [project, run, id, writer, seq, kind, actor, epoch, step, batch];
  return [...ids, createdAt, sentSkew, logs, ordinal, receivedAt].map((array) => array.done());
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
