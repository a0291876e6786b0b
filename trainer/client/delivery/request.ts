import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { parseRetryAfterMs, toRemedy } from "./retry.ts";

/** What came of one request. */
export type Outcome =
  /** 2xx with a JSON object, which counts what was posted. */
  | { kind: "taken"; answer: Record<string, unknown> }
  /**
   * Worth trying again as it is: no connection, time-out, or a refusal whose remedy is to retry.
   */
  | { kind: "later"; why: string; retryAfterMs: number | null }
  /** Nothing can be sent this way until someone changes the token, the address or the server. */
  | { kind: "barred"; why: string }
  /** What was sent is at fault. */
  | { kind: "refused"; status: number; why: string };

export interface RequestOptions {
  token: string;
  /** Time to wait for the whole answer, ms. */
  timeoutMs: number;
  /** Ends the request at once. */
  signal: AbortSignal;
  /** JSON text to post; without it the request is a GET. */
  body?: string;
}

const gzipped = promisify(gzip);
/** Bytes from which the network's time is worth more than the processor's. */
const GZIP_FROM = 32 * 1024;

/** One request with a bearer token. Never throws. */
export async function request(url: string, options: RequestOptions): Promise<Outcome> {
  const { body, token } = options;
  const watch = watchdog(options.timeoutMs, options.signal);
  try {
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, accept: "application/json" };
    const init: RequestInit = { headers, redirect: "manual", signal: watch.signal };
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      init.method = "POST";
      init.body = body;
      if (Buffer.byteLength(body) > GZIP_FROM) {
        headers["content-encoding"] = "gzip";
        init.body = await gzipped(body, { level: 3 });
      }
    }
    const response = await fetch(url, init);
    return toOutcome(response, await response.text(), body !== undefined);
  } catch (error) {
    const why = watch.late() ? `no answer within ${options.timeoutMs / 1000} s` : toReason(error);
    return { kind: "later", why, retryAfterMs: null };
  } finally {
    watch.end();
  }
}

/**
 * Only what an Integraviz says is believed: that events were taken by their count, that they are at
 * fault by an error document (or 413, which any server on the way may answer). Whatever else comes,
 * such as a proxy's page, they are kept.
 */
function toOutcome(response: Response, text: string, isPost: boolean): Outcome {
  const { status } = response;
  const answer = parseObject(text);
  if (response.ok) {
    if (answer && (!isPost || Number.isInteger(answer.accepted))) return { kind: "taken", answer };
    return { kind: "later", why: "something that is not Integraviz answered", retryAfterMs: null };
  }
  const why = `${status} ${refusalText(answer) || response.statusText}`.trim();
  const remedy = toRemedy(status, answer?.code);
  if (remedy === "retry") {
    return { kind: "later", why, retryAfterMs: parseRetryAfterMs(response.headers.get("retry-after")) };
  }
  if (status < 400) return { kind: "barred", why: `${why}: it points to ${response.headers.get("location")}` };
  const isAtFault = remedy === "change" && (status === 413 || refusalText(answer) !== "");
  return isAtFault ? { kind: "refused", status, why } : { kind: "barred", why };
}

/** What an error document (RFC 9457), or a warning, says, with the fix. */
export function refusalText(answer: Record<string, unknown> | null): string {
  const parts = [answer?.detail ?? answer?.title, answer?.fix];
  return parts.filter((part): part is string => typeof part === "string").join(" ");
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** fetch says only "fetch failed"; the cause says why. */
function toReason(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? (cause?.message || message) ?? String(error);
}

/**
 * Gives up after so many ms in ten ticks, not in one: a training step that holds the thread for
 * longer than the time-out counts as one tick, so a quick server is not taken for a slow one.
 */
function watchdog(ms: number, outer: AbortSignal) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    if (ticks === 10) abort();
  }, ms / 10);
  timer.unref();
  outer.addEventListener("abort", abort);
  if (outer.aborted) abort();
  return {
    signal: controller.signal,
    late: () => ticks >= 10,
    end() {
      clearInterval(timer);
      outer.removeEventListener("abort", abort);
    },
  };
}
