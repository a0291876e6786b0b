import { Hono } from "hono";
import { problem } from "../problems.ts";
import { Refusal } from "../refusal.ts";
import { restored } from "./carried-headers.ts";
import { requireGatewayKey } from "./gateway-key.ts";

export interface FrontOptions {
  /** One of them must come with each request; anyone is answered where there are none. */
  gatewayKeys?: readonly string[] | undefined;
  /** What a body may hold on the whole way here. */
  bodyBytes: number;
  report?: (error: unknown) => void;
}

/** What stands before the handler where it is deployed: who may call, and the request as its caller sent it. */
export function openFront(handler: Hono, { gatewayKeys, bodyBytes, report = console.error }: FrontOptions): Hono {
  const app = new Hono();
  app.onError((error, c) => problem(error, c, report));
  if (gatewayKeys !== undefined) app.use(requireGatewayKey(gatewayKeys));
  app.use(async (c, next) => {
    if (Number(c.req.header("content-length") ?? 0) > bodyBytes) throw tooLarge(bodyBytes);
    await next();
  });
  app.all("*", (c) => handler.fetch(restored(c.req.raw), c.env));
  return app;
}

function tooLarge(bytes: number): Refusal {
  return new Refusal(413, `The body is larger than ${bytes} bytes, which is what this installation takes.`, {
    fix: "Send fewer events at a time, or gzip them.",
  });
}
