import type { Event } from "../../event/event.ts";
import { runsOf } from "../answers.ts";
import type { Appended, RunControl, Store } from "../store.ts";
import { type MessageLimits, toMessages } from "./message.ts";

/** What holds messages until a worker has appended them: at least once, in any order. */
export interface Queue {
  limits: MessageLimits;
  /**
   * Resolves when all of them would survive a crash. Refuses with 503 where some may be lost: sent
   * again, none counts twice.
   */
  send(messages: readonly string[]): Promise<void>;
}

export interface QueueStoreOptions {
  /** Reads go there, and what people ask of a run. */
  store: Store;
  queue: Queue;
  /**
   * Whether answers may ask the store what was asked of the runs. Where not, runs are absent from
   * `control`: unknown.
   */
  isControlCheap: boolean;
  /** ms since 1970. */
  now?: () => number;
}

/**
 * The handler's store where delivery is queued: what training processes say is queued, and counted
 * as accepted without a look at what stands.
 */
export function openQueueStore({ store, queue, isControlCheap, now = Date.now }: QueueStoreOptions): Store {
  return Object.assign(Object.create(store) as Store, {
    async append(events: readonly Event[]): Promise<Appended> {
      // Whoever asks something of a run waits for the row: the audit names an actor.
      if (events.some(({ actor }) => actor !== null)) return store.append(events);
      await queue.send(toMessages(timed(events, now() * 1000), queue.limits));
      const control = isControlCheap ? await controlOf(store, events) : [];
      return { accepted: events.length, duplicates: 0, conflicts: [], control };
    },
  });
}

/**
 * The time of acceptance, where the client gave no time or no counter: the worker's would be that
 * of its turn, in any order. Events of one request are a µs apart: they may come in several
 * messages.
 */
function timed(events: readonly Event[], µs: number): Event[] {
  return events.map((event, index) => {
    if (event.createdAt !== null && event.seq !== null) return event;
    return { ...event, createdAt: event.createdAt ?? µs, receivedAt: µs + index };
  });
}

/**
 * Runs whose control cannot be read now are absent: the events are safe, and that is what the
 * answer is about.
 */
async function controlOf(store: Store, events: readonly Event[]): Promise<RunControl[]> {
  const runs = runsOf(events);
  const control: RunControl[] = [];
  for (const project of new Set(runs.map((one) => one.project))) {
    const ids = runs.filter((one) => one.project === project).map(({ run }) => run);
    control.push(...(await store.control(project, ids).catch(() => [])));
  }
  return control;
}
