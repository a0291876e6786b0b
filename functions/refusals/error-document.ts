import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { REQUEST_ID } from "../../contract/headers.ts";
import { toTitle, toTypeUrl } from "../../contract/refusals.ts";
import { type Report, requestId } from "../http/request-id.ts";
import { Refusal } from "./refusal.ts";

/**
 * Answers any error as an error document (RFC 9457): code, what, where, the fix and the request's
 * id. A stack is never in it; an error that is no refusal is reported.
 */
export function toErrorDocument(error: unknown, c: Context, report: Report): Response {
  const id = requestId(c);
  const refusal = toRefusal(error);
  if (refusal.code === "internal-error") report(error, id);
  const { code, status, message, details } = refusal;
  const { retryAfter, allow, ...rest } = details;
  const headers: Record<string, string> = { "content-type": "application/problem+json", [REQUEST_ID]: id };
  if (retryAfter !== undefined) headers["retry-after"] = String(retryAfter);
  if (allow !== undefined) headers.allow = allow;
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="integraviz"';
  const document = {
    type: toTypeUrl(code),
    title: toTitle(code),
    status,
    detail: message,
    instance: `urn:uuid:${id}`,
    code,
    ...rest,
  };
  return c.body(JSON.stringify(document), status, headers);
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  // What Hono itself refuses, such as a query that cannot be decoded.
  if (error instanceof HTTPException && error.status < 500)
    return new Refusal("invalid-request", `${error.message.replace(/\.$/, "") || "The request is not valid"}.`);
  return new Refusal("internal-error", "The server met an error of its own. It has been logged.");
}
