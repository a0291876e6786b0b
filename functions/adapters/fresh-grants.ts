import { setTimeout as delay } from "node:timers/promises";
import { GRANT_SECONDS } from "../../contract/environment.ts";
import type { Variables } from "./environment.ts";

/** Seconds in which a new grant is known everywhere at Google, which is the slowest. */
const DEFAULT_SECONDS = 300;

/**
 * Does what the grants of this very deployment allow, which clouds take minutes to know of: tries
 * again while it is refused. Only for what runs once, right after its grants were made; afterwards
 * a refusal is a mistake.
 * Rejects with the last refusal after `INTEGRAVIZ_GRANT_SECONDS` (default 300).
 */
export async function withFreshGrants<T>(env: Variables, work: () => Promise<T>): Promise<T> {
  const seconds = Number(env[GRANT_SECONDS] ?? DEFAULT_SECONDS);
  const deadline = Date.now() + seconds * 1000;
  for (let wait = Math.min(1000, seconds * 50); ; wait = Math.min(wait * 2, 10_000)) {
    try {
      return await work();
    } catch (error) {
      if (!mayBeFresh(error) || Date.now() + wait > deadline) throw error;
      await delay(wait);
    }
  }
}

/** Google answers 403, or 404 for what may not be seen yet; AWS 400 with the name of the reason. */
function mayBeFresh(error: unknown): boolean {
  const { code, status, message } = error as { code?: unknown; status?: unknown; message?: string };
  const answered = [code, status];
  return answered.includes(403) || answered.includes(404) || /AccessDenied|not have permission/.test(message ?? "");
}
