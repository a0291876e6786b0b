import type { Hono, MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { HonoBase } from "hono/hono-base";
import { TrieRouter } from "hono/router/trie-router";
import type { BlankEnv } from "hono/types";
import { toErrorDocument } from "../refusals/error-document.ts";
import { Refusal } from "../refusals/refusal.ts";
import type { Store } from "../stores/store.ts";
import { createAccess } from "./access.ts";
import { openApi } from "./openapi.ts";
import { logError, nameRequest, type Report } from "./request-id.ts";
import type { Services } from "./routes/route.ts";
import { routes } from "./routes/routes.ts";
import type { VerifyToken } from "./tokens.ts";

export interface HandlerOptions {
  store: Store;
  verify: VerifyToken;
  /**
   * The only names in the Host header that are answered, whatever the port, against DNS rebinding;
   * any where it is left out.
   */
  hostnames?: ReadonlySet<string>;
  /** What every request passes before anything else. */
  middleware?: readonly MiddlewareHandler[];
  /** "poll" where the API in front gives an answer only when it has ended. */
  streaming?: "live" | "poll";
  /**
   * Told of errors of the server's own, of which the caller sees only the request's id. Logs them
   * unless given.
   */
  report?: Report;
  /**
   * Secrets that sessions of the page are sealed with, beside their cookie: the first seals, any
   * opens. The same in every instance. Without one, a session's two halves together give its token.
   */
  sessionSecrets?: readonly string[];
  /** ms since 1970. */
  now?: () => number;
}

/**
 * The Handler contract: `Request -> Response` over a Store, the same code behind every API and RPC.
 */
export function createHandler(options: HandlerOptions): Hono {
  const { store, verify, hostnames, middleware = [], streaming = "live", report = logError, now = Date.now } = options;
  const { sessionSecrets: secrets = [""] } = options;
  const describe = once(() => openApi(routes));
  const access = createAccess({ verify, secrets, now });
  const services: Services = { store, verify, access, secrets, streaming, describe, report, now };
  // One of Hono's routers, so that bundles carry no second. That of its preset "tiny" is smaller,
  // but takes a path with a slash at its end for the same path (4.13).
  const app = new HonoBase<BlankEnv>({ router: new TrieRouter() });
  app.use(nameRequest);
  app.onError((error, c) => toErrorDocument(error, c, report));
  app.notFound((c) => toErrorDocument(notFound(c.req.method, c.req.path), c, report));
  for (const passed of middleware) app.use(passed);
  if (hostnames !== undefined) {
    app.use(async (c, next) => {
      if (!hostnames.has(new URL(c.req.url).hostname)) throw misdirected(hostnames);
      await next();
    });
  }
  app.get("/v1/*", compress());
  for (const { method, path, serve } of routes) app[method](path, (c) => serve(c, services));
  return app;
}

function notFound(method: string, path: string): Refusal {
  const others = routes.filter((route) => new RegExp(`^${route.path.replace(/:\w+/g, "[^/]+")}$`).test(path));
  if (others.length === 0) return new Refusal("unknown-path", `There is nothing at ${path}.`);
  const methods = others.map((route) => route.method.toUpperCase());
  const details = { fix: `Use ${methods.join(" or ")}.`, allow: methods.join(", ") };
  return new Refusal("wrong-method", `${path} does not take ${method}.`, details);
}

function misdirected(hostnames: ReadonlySet<string>): Refusal {
  return new Refusal("wrong-host", "This server is not what the Host header says.", {
    field: "Host",
    fix: `Use ${[...hostnames].join(" or ")}.`,
  });
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
