import type { Hono } from "hono";
import { cors } from "hono/cors";
import { HonoBase } from "hono/hono-base";
import { TrieRouter } from "hono/router/trie-router";
import type { BlankEnv } from "hono/types";
import { CORS } from "../../contract/cors.ts";
import { FORWARDED, GATEWAY_KEY, ID_TOKEN, REQUEST_ID } from "../../contract/headers.ts";
import { GATEWAY_HEALTH } from "../../contract/health.ts";
import { renameHeaders } from "../adapters/forwarded-headers.ts";
import { readBytes } from "../http/body.ts";
import { logError, nameRequest, type Report, requestId } from "../http/request-id.ts";
import { toErrorDocument } from "../refusals/error-document.ts";
import { forward } from "./forward.ts";
import type { Invoker } from "./invoker.ts";

export interface GatewayOptions {
  invoker: Invoker;
  /** Origins whose pages may call from a browser; "*" for any. */
  origins: readonly string[];
  report?: Report;
}

/** Belong to one connection (RFC 9110, 7.6.1), or are this server's to say. */
const OWN_HEADERS = [
  "connection",
  "host",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  GATEWAY_KEY,
  ID_TOKEN,
  ...Object.values(FORWARDED),
];

/**
 * The API in front of an RPC: hands each request on whole, as its invoke auth wants it, and streams
 * the answer back.
 */
export function createGateway({ invoker, origins, report = logError }: GatewayOptions): Hono {
  const app = new HonoBase<BlankEnv>({ router: new TrieRouter() });
  app.use(nameRequest);
  app.onError((error, c) => toErrorDocument(error, c, report));
  // For the platform's probe: a gateway whose RPC is away is well, and says of each request that it
  // cannot be served.
  app.get(GATEWAY_HEALTH, (c) => c.json({ status: "ok" }));
  if (origins.length > 0) app.use(cors({ ...CORS, exposeHeaders: [REQUEST_ID], origin: [...origins] }));
  app.all("*", async (c) => {
    const { method, signal } = c.req.raw;
    const url = new URL(c.req.url);
    const headers = new Headers(c.req.raw.headers);
    for (const name of [...OWN_HEADERS, ...namedBy(headers.get("connection"))]) headers.delete(name);
    renameHeaders(headers, invoker.renames);
    const body = method === "GET" || method === "HEAD" ? null : await readBytes(c);
    const target = invoker.target(`${url.pathname}${url.search}`);
    const keys = await invoker.headers({ method, url: target, body });
    for (const [name, value] of Object.entries(keys)) headers.set(name, value);
    headers.set(REQUEST_ID, requestId(c));
    return forward({ method, url: target, headers, body, signal });
  });
  return app;
}

function namedBy(connection: string | null): string[] {
  return (connection ?? "").split(",").flatMap((name) => (/^[\w-]+$/.test(name.trim()) ? [name.trim()] : []));
}
