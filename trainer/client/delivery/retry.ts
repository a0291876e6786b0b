import { isRefusalCode, REFUSALS, type Remedy } from "../../../contract/refusals.ts";

/** How long the client waits before it tries again, ms. */
export interface RetryOptions {
  /**
   * The first wait after a failure; each further one is twice as long, and half of it is left to
   * chance.
   */
  retryMs: number;
  /** The longest wait, unless the server names a longer one. */
  maxRetryMs: number;
}

export const RETRY_DEFAULTS: RetryOptions = { retryMs: 250, maxRetryMs: 10_000 };

/** A server may ask for an hour at the most. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * Returns the wait before the next try, ms.
 * @param failures tries that failed in a row before this one
 * @param named what the server asked for with Retry-After, ms
 */
export function retryDelayMs({ retryMs, maxRetryMs }: RetryOptions, failures: number, named: number | null): number {
  const grown = Math.min(maxRetryMs, retryMs * 2 ** Math.min(failures, 30));
  return Math.max(named ?? 0, grown * (0.5 + Math.random() / 2));
}

/** Parses `Retry-After` as seconds or as a date (RFC 9110, section 10.2.3), in ms from now. */
export function parseRetryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms)) : null;
}

const RETRIED: ReadonlySet<number> = new Set([408, 425, 429]);
const SIGN_IN: ReadonlySet<number> = new Set([401, 403]);
const SET_UP: ReadonlySet<number> = new Set([404, 405, 421]);

/**
 * Returns what to do about an answer that is no success: as the table of refusals says of its code,
 * else by its status, since a proxy on the way or a server of another version knows no such code.
 */
export function toRemedy(status: number, code: unknown): Remedy {
  if (isRefusalCode(code)) return REFUSALS[code].remedy;
  if (status >= 500 || RETRIED.has(status)) return "retry";
  if (SIGN_IN.has(status)) return "sign-in";
  return status < 400 || SET_UP.has(status) ? "set-up" : "change";
}
