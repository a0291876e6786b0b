import { Problem } from "./api.ts";

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/**
 * Whether asking again may do: no answer at all, too many requests, or a failure of the server's
 * own.
 */
const mayPass = (error: unknown): error is Problem =>
  error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 500);

/**
 * Asks until there is an answer: again after 1 s, then after twice as long each time, up to 30 s;
 * `failed` hears of each failure. Rejects with what was refused, and when `signal` is aborted.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  failed: (problem: Problem) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error;
      failed(error);
    }
    await rest(wait, signal);
    signal.throwIfAborted();
  }
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
