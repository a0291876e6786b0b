import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../refusals/refusal.ts";
import type { Cursor } from "./store.ts";

const DEADLINE_MS = 60_000;

/**
 * `Store.settled` of a store whose positions are numbers: waits until readers have come to `end`.
 * Refuses after a minute.
 */
export async function untilSettled(end: bigint, horizon: () => Promise<Cursor>): Promise<Cursor> {
  const deadline = Date.now() + DEADLINE_MS;
  for (let wait = 5; ; wait = Math.min(wait * 2, 500)) {
    const cursor = await horizon();
    if (BigInt(cursor) >= end) return cursor;
    if (Date.now() > deadline) {
      throw new Refusal(
        "log-not-settled",
        "Something older than the newest events is still being written, and readers wait for it.",
        {
          fix: "End the transaction that is open in the database, or try again later.",
          retryAfter: 10,
        },
      );
    }
    await delay(wait);
  }
}
