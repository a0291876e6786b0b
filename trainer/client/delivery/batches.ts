import type { Outgoing } from "./outbox.ts";
import { type Outcome, request } from "./request.ts";
import { type RetryOptions, retryDelayMs } from "./retry.ts";
import { createWakeableWait } from "./wakeable-wait.ts";

/** Where batches go, and what is told of each. */
export interface BatchDeliveryOptions extends RetryOptions {
  /** Where to post. */
  url: string;
  token: string;
  timeoutMs: number;
  onTaken(events: readonly Outgoing[], answer: Record<string, unknown>): void;
  onRefused(event: Outgoing, why: string): void;
  /**
   * A try did not come through. `barred`: trying again won't help until someone changes something.
   */
  onHeldUp(why: string, barred: boolean, startedAt: number): void;
}

/** Sends batches one at a time, each until it is taken or refused. */
export interface BatchDelivery {
  /**
   * Resolves when each event was taken or refused, however long that takes, or when closed. Never
   * rejects.
   */
  send(batch: readonly Outgoing[]): Promise<void>;
  /** Tries again now, unless the server named a time. */
  hurry(): void;
  /** The request that is on its way, or null. */
  readonly request: Promise<unknown> | null;
  close(): void;
}

export function createBatchDelivery(options: BatchDeliveryOptions): BatchDelivery {
  const pausing = createWakeableWait();
  const closing = new AbortController();
  let underWay: Promise<Outcome> | null = null;
  let waiting = false;
  let hurried = false;
  let failures = 0;
  /** Single events that were refused since one was taken. */
  let refusals = 0;

  async function post(batch: readonly Outgoing[]): Promise<Outcome> {
    const { url, token, timeoutMs } = options;
    // `sent_at` lets the server measure this clock's offset, so it is of this try.
    const body = `{"sent_at":"${new Date().toISOString()}","events":[${batch.map(({ text }) => text).join(",")}]}`;
    underWay = request(url, { token, timeoutMs, signal: closing.signal, body });
    try {
      return await underWay;
    } finally {
      underWay = null;
    }
  }

  async function pause(outcome: Outcome): Promise<void> {
    const named = outcome.kind === "later" ? outcome.retryAfterMs : null;
    const delay = retryDelayMs(options, failures, named);
    failures += 1;
    if (hurried && named === null) {
      hurried = false;
      return;
    }
    waiting = named === null;
    await pausing.wait(delay);
    waiting = false;
  }

  async function send(batch: readonly Outgoing[]): Promise<void> {
    while (!closing.signal.aborted) {
      const startedAt = Date.now();
      const outcome = await post(batch);
      if (outcome.kind === "taken") {
        failures = 0;
        refusals = 0;
        return options.onTaken(batch, outcome.answer);
      }
      if (outcome.kind === "refused") {
        failures = 0;
        const [only] = batch;
        if (only && batch.length === 1) {
          options.onRefused(only, outcome.why);
          refusals += 1;
          // One is that event's own fault. Where all are refused, the server is not asked about
          // each at full speed.
          return refusals > 1 ? pause(outcome) : undefined;
        }
        // One bad event has the whole batch refused: halves lead to it, and the rest gets through.
        const middle = batch.length >> 1;
        await send(batch.slice(0, middle));
        return send(batch.slice(middle));
      }
      if (closing.signal.aborted) return;
      options.onHeldUp(outcome.why, outcome.kind === "barred", startedAt);
      await pause(outcome);
    }
  }

  return {
    send,
    hurry() {
      if (waiting) pausing.wake();
      else hurried = underWay !== null;
    },
    get request() {
      return underWay;
    },
    close() {
      closing.abort();
      pausing.wake();
    },
  };
}
