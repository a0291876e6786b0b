import { Refusal } from "../../refusals/refusal.ts";
import { retryWhile } from "../retry.ts";

/**
 * Of https://cloud.google.com/bigquery/docs/error-messages: those that may pass when the same call
 * is made again.
 */
const PASSING = new Set([
  "backendError",
  "internalError",
  "jobBackendError",
  "jobInternalError",
  "tableUnavailable",
  "timeout",
]);
/** Those that say that too much was asked at once. */
const RATE = new Set(["rateLimitExceeded", "jobRateLimitExceeded"]);
/** Those that a wait of seconds does not mend. */
const QUOTA = new Set(["quotaExceeded"]);
const PASSING_STATUS = new Set([500, 502, 503, 504]);
const PASSING_SYSTEM_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

export interface ApiError extends Error {
  /** HTTP status, or the system's code. */
  code?: number | string;
  errors?: { reason?: string; message?: string; location?: string }[];
}

export function reasonOf(error: unknown): string | undefined {
  return (error as ApiError).errors?.[0]?.reason;
}

/** Whether the same call may succeed in a moment. */
export function isPassing(error: unknown): boolean {
  const { code } = error as ApiError;
  const reason = reasonOf(error);
  if (reason !== undefined && (PASSING.has(reason) || RATE.has(reason))) return true;
  if (reason !== undefined && QUOTA.has(reason)) return false;
  if (typeof code === "number") return PASSING_STATUS.has(code);
  return code !== undefined && PASSING_SYSTEM_CODES.has(code);
}

/** Tries again while BigQuery says that it may pass; too much asked is 429, out of reach 503. */
export async function retrying<T>(work: () => Promise<T>, { deadlineMs }: { deadlineMs: number }): Promise<T> {
  let last: unknown;
  try {
    return await retryWhile(
      isPassing,
      () =>
        work().catch((error) => {
          last = error;
          throw error;
        }),
      { deadlineMs },
    );
  } catch (error) {
    const reason = reasonOf(last) ?? "";
    if (RATE.has(reason)) throw tooMuch("BigQuery takes no more at this rate.", 10);
    if (QUOTA.has(reason)) throw tooMuch("A quota of the BigQuery project is used up.", 60);
    throw error;
  }
}

/**
 * The seconds are the vendor's: an exceeded rate refills within 10 s or so; quotas per day refill
 * through the day.
 */
function tooMuch(message: string, retryAfter: number): Refusal {
  return new Refusal("store-quota", message, {
    fix: "Send the same events again after that time, none is stored twice; or raise the quota in the project.",
    retryAfter,
  });
}
