import { randomUUID } from "node:crypto";
import type { Event } from "../../../functions/event/event.ts";

/** An event as the store takes it, with what a test does not care about filled in. */
export function sampleEvent(fields: Partial<Event> = {}): Event {
  return {
    project: "default",
    run: "run",
    id: randomUUID(),
    writer: "",
    seq: null,
    kind: "on_train_batch_end",
    actor: null,
    epoch: null,
    step: null,
    batch: null,
    createdAt: null,
    sentSkew: null,
    logs: null,
    ...fields,
  };
}
