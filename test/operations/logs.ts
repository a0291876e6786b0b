import type { Event } from "../../functions/event/event.ts";
import type { Store } from "../../functions/stores/store.ts";
import { hardLogs } from "../hard-logs.ts";

/** `count` events of a few runs of two projects, each of the hard values among them. */
export function hardEvents(count: number): Event[] {
  return Array.from({ length: count }, (_, index) => ({
    project: index % 5 === 0 ? "other" : "default",
    run: `run ${index % 3}`,
    id: `event-${String(index).padStart(7, "0")}`,
    writer: index % 2 === 0 ? "" : "rank 1",
    seq: index === 7 ? 2n ** 63n - 1n : 1_790_000_000_000_000 + index,
    kind: index % 11 === 0 ? "stop_requested" : "on_train_batch_end",
    actor: index % 11 === 0 ? "ada" : null,
    epoch: index % 4 === 0 ? null : 0,
    step: index % 13 === 0 ? -(2n ** 63n) : index,
    batch: null,
    createdAt: 1_769_860_800_123_456 + index,
    sentSkew: index % 3 === 0 ? null : -12,
    receivedAt: 1_769_860_900_654_321 + index,
    logs: json(hardLogs[index % hardLogs.length] as object | null),
  }));
}

const json = (logs: object | null) => (logs === null ? null : JSON.stringify(logs));

export async function appendAll(store: Store, events: Event[], page = 1_000): Promise<void> {
  for (let at = 0; at < events.length; at += page) await store.append(events.slice(at, at + page));
}
