import { Hono } from "hono";
import { cors } from "hono/cors";
import { CARRIED, type Carried, carry } from "../adapters/forwarded-headers.ts";
import { readBytes } from "../http/body.ts";
import { problem } from "../refusals/error-document.ts";
import type { OpenDoor } from "./doors.ts";
import { forward } from "./forward.ts";

export interface GatewayOptions {
  door: OpenDoor;
  /** Origins whose pages may call from a browser; "*" for any. */
  origins: readonly string[];
  report?: (error: unknown) => void;
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
  "x-integraviz-key",
  "x-serverless-authorization",
  ...Object.values(CARRIED),
];

/** The API in front of an RPC: hands each request on whole, through the RPC's door, and streams the answer back. */
export function createGateway({ door, origins, report = console.error }: GatewayOptions): Hono {
  const app = new Hono();
  app.onError((error, c) => problem(error, c, report));
  // For the platform's probe: a gateway whose RPC is away is well, and says of each request that it cannot be served.
  app.get("/health/gateway", (c) => c.json({ status: "ok" }));
  if (origins.length > 0)
    app.use(
      cors({
        origin: [...origins],
        allowMethods: ["GET", "POST", "DELETE"],
        allowHeaders: ["authorization", "content-type", "content-encoding", "last-event-id", "x-csrf-token"],
        maxAge: 3600,
      }),
    );
  app.all("*", async (c) => {
    const { method, signal } = c.req.raw;
    const url = new URL(c.req.url);
    const headers = new Headers(c.req.raw.headers);
    for (const name of [...OWN_HEADERS, ...namedBy(headers.get("connection"))]) headers.delete(name);
    carry(headers, door.carries satisfies readonly Carried[]);
    const body = method === "GET" || method === "HEAD" ? null : await readBytes(c);
    const target = door.target(`${url.pathname}${url.search}`);
    const keys = await door.keys({ method, url: target, body });
    for (const [name, value] of Object.entries(keys)) headers.set(name, value);
    return forward({ method, url: target, headers, body, signal });
  });
  return app;
}

function namedBy(connection: string | null): string[] {
  return (connection ?? "").split(",").flatMap((name) => (/^[\w-]+$/.test(name.trim()) ? [name.trim()] : []));
}
