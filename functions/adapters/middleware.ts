import type { MiddlewareHandler } from "hono";
import { Refusal } from "../refusals/refusal.ts";
import { restoreHeaders } from "./forwarded-headers.ts";
import { requireGatewayKey } from "./gateway-key.ts";

export interface MiddlewareOptions {
  /** One of them must come with each request; anyone is answered where there are none. */
  gatewayKeys?: readonly string[] | undefined;
  /** What a body may hold on the whole way here. */
  bodyBytes: number;
}

/** Middleware of a deployed handler: who may call, and the request as its caller sent it. */
export function createMiddleware({ gatewayKeys, bodyBytes }: MiddlewareOptions): MiddlewareHandler[] {
  const limitBody: MiddlewareHandler = async (c, next) => {
    if (Number(c.req.header("content-length") ?? 0) > bodyBytes) throw tooLarge(bodyBytes);
    await next();
  };
  const restore: MiddlewareHandler = async (c, next) => {
    c.req.raw = restoreHeaders(c.req.raw);
    await next();
  };
  return [...(gatewayKeys === undefined ? [] : [requireGatewayKey(gatewayKeys)]), limitBody, restore];
}

function tooLarge(bytes: number): Refusal {
  return new Refusal(
    "body-too-large",
    `The body is larger than ${bytes} bytes, which is what this installation takes.`,
    {
      fix: "Send fewer events at a time, or gzip them.",
    },
  );
}
