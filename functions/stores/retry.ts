import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "../refusals/refusal.ts";

/**
 * Tries again while the database is out of reach, until the deadline; then refuses with 503. The
 * work must be safe to do twice: whether it was done is not known when a connection breaks.
 */
export async function retryWhile<T>(
  isPassing: (error: unknown) => boolean,
  work: () => Promise<T>,
  { deadlineMs }: { deadlineMs: number },
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (let wait = 20; ; wait = Math.min(wait * 2, 500)) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (Date.now() + wait > deadline) throw unanswered();
      await delay(wait);
    }
  }
}

/** What to do about a database that has no time for a request. */
export const AGAIN = {
  fix: "Send the same request again in a moment; no event is stored twice.",
  retryAfter: 2,
} as const;

export function unanswered(): Refusal {
  return new Refusal("store-unavailable", "The database does not answer.", AGAIN);
}
