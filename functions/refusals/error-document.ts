import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { Refusal } from "./refusal.ts";

const TITLES: Record<number, string> = {
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported media type",
  421: "Misdirected request",
  429: "Too many requests",
  500: "Internal error",
  503: "Unavailable",
};

/** Any error as an RFC 9457 problem document: what, where, the fix; never a stack. */
export function toErrorDocument(error: unknown, c: Context, report: (error: unknown) => void): Response {
  const refusal =
    error instanceof Refusal
      ? error
      : error instanceof HTTPException && error.status < 500
        ? new Refusal(400, error.message)
        : null;
  if (refusal === null) report(error);
  const status = refusal?.status ?? 500;
  const { retryAfter, allow, ...details } = refusal?.details ?? {};
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (retryAfter !== undefined) headers["retry-after"] = String(retryAfter);
  if (allow !== undefined) headers.allow = allow;
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="integraviz"';
  const document = {
    type: "about:blank",
    title: TITLES[status] ?? "Error",
    status,
    detail: refusal?.message ?? "The server met an error of its own. It has been logged.",
    ...details,
  };
  return c.body(JSON.stringify(document), status as 400, headers);
}
