import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { GATEWAY_KEY } from "../../contract/headers.ts";
import { HEALTHZ } from "../../contract/health.ts";
import { Refusal } from "../refusals/refusal.ts";

/**
 * Refuses whoever does not come through the gateway, in a time that says nothing about the keys.
 * The health check of the platform has no key, and its answer holds no data.
 */
export function requireGatewayKey(keys: readonly string[]): MiddlewareHandler {
  const known = keys.map(digest);
  return async (c, next) => {
    if (c.req.path !== HEALTHZ) {
      const given = digest(c.req.header(GATEWAY_KEY) ?? "");
      // Every key is compared, whichever it is.
      if (known.filter((key) => timingSafeEqual(key, given)).length === 0)
        throw new Refusal("gateway-only", "This address answers its gateway only.", {
          fix: "Send requests to the API's address.",
        });
    }
    await next();
  };
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
