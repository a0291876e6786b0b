import { randomUUID } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { REQUEST_ID } from "../../contract/headers.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Told of an error of the server's own, and of the request in which it came up. */
export type Report = (error: unknown, requestId?: string) => void;

/** Logs the error with its stack, under the request's id. */
export const logError: Report = (error, requestId) =>
  requestId === undefined ? console.error(error) : console.error(`request ${requestId}:`, error);

/**
 * Returns the id of the request, made at first sight. A caller's own id counts where it is a UUID.
 */
export function requestId(c: Context): string {
  const known = c.get("requestId") as string | undefined;
  if (known !== undefined) return known;
  const given = c.req.header(REQUEST_ID);
  const id = given !== undefined && UUID.test(given) ? given.toLowerCase() : randomUUID();
  c.set("requestId", id);
  return id;
}

/** Puts the request's id on its answer. */
export const nameRequest: MiddlewareHandler = async (c, next) => {
  await next();
  c.header(REQUEST_ID, requestId(c));
};
