import { createAlarm } from "./alarm.ts";
import { exchange, type Outcome } from "./exchange.ts";
import type { Outgoing } from "./outbox.ts";

export interface DeliveryOptions {
  /** Where to post. */
  url: string;
  token: string;
  timeoutMs: number;
  /** The first wait after a failure, ms; it doubles up to `maxRetryMs`, and half of it is left to chance. */
  retryMs: number;
  maxRetryMs: number;
  onTaken(events: readonly Outgoing[], answer: Record<string, unknown>): void;
  onRefused(event: Outgoing, why: string): void;
  /** A try did not come through. `barred`: trying again won't help until someone mends it. */
  onHeldUp(why: string, barred: boolean, startedAt: number): void;
}

export interface Delivery {
  /** Resolves when each event was taken or refused, however long that takes, or when closed. Never rejects. */
  send(batch: readonly Outgoing[]): Promise<void>;
  /** Tries again now, unless the server named a time. */
  hurry(): void;
  /** The request that is on its way, or null. */
  readonly request: Promise<unknown> | null;
  close(): void;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const alarm = createAlarm();
  const closing = new AbortController();
  let request: Promise<Outcome> | null = null;
  let waiting = false;
  let hurried = false;
  let failures = 0;
  /** Single events that were refused since one was taken. */
  let refusals = 0;

  async function post(batch: readonly Outgoing[]): Promise<Outcome> {
    const { url, token, timeoutMs } = options;
    // `sent_at` lets the server measure this clock's offset, so it is of this try.
    const body = `{"sent_at":"${new Date().toISOString()}","events":[${batch.map(({ text }) => text).join(",")}]}`;
    request = exchange(url, { token, timeoutMs, signal: closing.signal, body });
    try {
      return await request;
    } finally {
      request = null;
    }
  }

  async function pause(outcome: Outcome): Promise<void> {
    const { retryMs, maxRetryMs } = options;
    const named = outcome.kind === "later" ? outcome.retryAfterMs : null;
    const grown = Math.min(maxRetryMs, retryMs * 2 ** Math.min(failures, 30));
    failures += 1;
    if (hurried && named === null) {
      hurried = false;
      return;
    }
    waiting = named === null;
    await alarm.wait(Math.max(named ?? 0, grown * (0.5 + Math.random() / 2)));
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
          // One is that event's own fault. Where all are refused, the server is not asked about each at full speed.
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
      if (waiting) alarm.ring();
      else hurried = request !== null;
    },
    get request() {
      return request;
    },
    close() {
      closing.abort();
      alarm.ring();
    },
  };
}
