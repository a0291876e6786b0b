import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";

/**
 * What the Functions Framework hands a function: it has read the body, and inflated it where it was
 * gzipped.
 */
export type FunctionRequest = IncomingMessage & { rawBody?: Buffer };
export type HttpFunction = (request: FunctionRequest, response: ServerResponse) => Promise<void>;

/** An HTTP function of Cloud Functions (second generation). */
export function httpFunction(app: () => Promise<Hono>): HttpFunction {
  const listen = getRequestListener(async (request) => (await app()).fetch(overHttps(request)));
  return async (request, response) => {
    correctLength(request);
    await listen(request, response);
  };
}

/** Google ends TLS before it reaches us. */
function overHttps(request: Request): Request {
  if (request.headers.get("x-forwarded-proto") !== "https") return request;
  const url = new URL(request.url);
  if (url.protocol === "https:") return request;
  url.protocol = "https:";
  return new Request(url, request);
}

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The headers still speak of the body as it was sent. */
function correctLength(request: FunctionRequest): void {
  const { rawBody, headers } = request;
  if (rawBody === undefined) return;
  const isInflated = headers["content-encoding"] === "gzip" && !isGzip(rawBody);
  const drop = new Set(isInflated ? ["content-encoding", "content-length"] : ["content-length"]);
  const { rawHeaders } = request;
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = rawHeaders.slice(at, at + 2) as [string, string];
    if (!drop.has(name.toLowerCase())) kept.push(name, value);
  }
  request.rawHeaders = [...kept, "content-length", String(rawBody.length)];
}
