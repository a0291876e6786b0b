import { createBatchDelivery } from "./batches.ts";
import { createOutbox, type Outgoing, type Tier, toTier } from "./outbox.ts";
import type { RetryOptions } from "./retry.ts";
import { createWakeableWait } from "./wakeable-wait.ts";

/** Where events go, how many may wait, and what is told of them. */
export interface SenderOptions extends RetryOptions {
  /** Where to post. */
  url: string;
  token: string;
  capacity: number;
  capacityBytes: number;
  flushMs: number;
  batchEvents: number;
  timeoutMs: number;
  // None of these may throw: the loop would end.
  /**
   * Called each `flushMs`, just before what waits is sent. Without anything to send it says whether
   * to go on ticking.
   */
  onTick(): boolean;
  /** Time until a tick is due before the next flush, ms; Infinity where none is. */
  untilDue(): number;
  onTaken(events: readonly Outgoing[], answer: Record<string, unknown>): void;
  onRefused(event: Outgoing, why: string): void;
  onDropped(event: Outgoing): void;
  /**
   * A try did not come through. `barred`: trying again won't help until someone changes something.
   */
  onHeldUp(why: string, barred: boolean): void;
}

/**
 * Takes events in at once and sends them when it can: one loop, one request at a time, in order.
 */
export interface Sender {
  add(run: string, kind: string, text: string, tier?: Tier): void;
  /** Sends what waits without waiting for the next tick. */
  flush(): void;
  /**
   * Resolves when all that was added until now is taken or refused; at the deadline; or after a try
   * that found that nothing can be sent until someone changes something. Keeps the process alive
   * until then.
   */
  drain(deadlineMs: number): Promise<void>;
  /** What is neither taken nor refused, oldest first. */
  unsent(): Outgoing[];
  /** The request that is on its way, or null. */
  readonly request: Promise<unknown> | null;
  close(): void;
}

/** Bytes of events in one request: far below what an API takes, gzipped or not. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** A timer of more ends at once. */
export const LONGEST_MS = 2 ** 31 - 1;

interface Drain {
  /** The last event it waits for. */
  upTo: number;
  /** When it began, ms since 1970. */
  since: number;
  done(): void;
}

export function createSender(options: SenderOptions): Sender {
  const { flushMs, batchEvents } = options;
  const outbox = createOutbox(options.capacity, options.capacityBytes);
  const inFlight = new Set<Outgoing>();
  const drains = new Set<Drain>();
  const tick = createWakeableWait();
  let order = 0;
  let running = false;
  let closed = false;

  const delivery = createBatchDelivery({
    ...options,
    onTaken(events, answer) {
      for (const event of events) inFlight.delete(event);
      options.onTaken(events, answer);
      checkDrains();
    },
    onRefused(event, why) {
      inFlight.delete(event);
      options.onRefused(event, why);
      checkDrains();
    },
    onHeldUp(why, barred, startedAt) {
      options.onHeldUp(why, barred);
      if (barred) for (const drain of drains) if (startedAt >= drain.since) drain.done();
    },
  });

  async function loop(): Promise<void> {
    running = true;
    while (!closed) {
      await tick.wait(Math.min(flushMs, options.untilDue()));
      if (closed) break;
      const goOn = options.onTick();
      if (outbox.size === 0 && !goOn) break;
      await sendWaiting();
    }
    running = false;
  }

  async function sendWaiting(): Promise<void> {
    do {
      const batch = outbox.take(batchEvents, BATCH_BYTES);
      if (batch.length === 0) return;
      for (const event of batch) inFlight.add(event);
      await delivery.send(batch);
    } while (!closed && (drains.size > 0 || outbox.size >= batchEvents));
  }

  function checkDrains(): void {
    for (const drain of drains) {
      const waits = [...inFlight].some(({ order }) => order <= drain.upTo) || outbox.waiting(drain.upTo) > 0;
      if (!waits) drain.done();
    }
  }

  return {
    add(run, kind, text, tier = toTier(kind)) {
      const event = { order: ++order, run, kind, tier, text, bytes: Buffer.byteLength(text) };
      for (const dropped of outbox.add(event)) options.onDropped(dropped);
      if (outbox.size >= batchEvents) tick.wake();
      if (!running && !closed) void loop();
    },
    flush: () => tick.wake(),
    drain(deadlineMs) {
      if (closed || outbox.size + inFlight.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const drain: Drain = {
          upTo: order,
          since: Date.now(),
          done() {
            clearTimeout(deadline);
            drains.delete(drain);
            resolve();
          },
        };
        // The only timer that keeps the process alive.
        const deadline = setTimeout(drain.done, Math.min(deadlineMs, LONGEST_MS));
        drains.add(drain);
        tick.wake();
        delivery.hurry();
      });
    },
    unsent: () => [...inFlight, ...outbox.all()].sort((a, b) => a.order - b.order),
    get request() {
      return delivery.request;
    },
    close() {
      closed = true;
      delivery.close();
      tick.wake();
      for (const drain of drains) drain.done();
    },
  };
}
