import type { Context } from "hono";
import type * as z from "zod/mini";
import type { RefusalCode } from "../../../contract/refusals.ts";
import type { RouteAddress } from "../../../contract/routes.ts";
import type { Scope } from "../../../contract/tokens.ts";
import { readName } from "../../event/values.ts";
import type { Store } from "../../stores/store.ts";
import type { Access } from "../access.ts";
import type { Report } from "../request-id.ts";
import type { VerifyToken } from "../tokens.ts";

/** What every route is given. */
export interface Services {
  store: Store;
  access: Access;
  verify: VerifyToken;
  /** What sessions of the page are sealed with: the first seals. */
  secrets: readonly string[];
  /** Whether the API in front can hold a stream open, or each answer must end for it to arrive. */
  streaming: "live" | "poll";
  /** The OpenAPI description of all routes. */
  describe: () => Record<string, unknown>;
  /** Told of errors of the server's own. */
  report: Report;
  /** The server's clock, ms since 1970. */
  now: () => number;
}

/**
 * One route of the HTTP surface, as data: the handler serves it and the OpenAPI description lists
 * it.
 */
export interface Route extends RouteAddress {
  /** The operationId of the OpenAPI description. */
  operation: string;
  scope: Scope | "any" | "none";
  summary: string;
  query?: z.ZodMiniType;
  body?: z.ZodMiniType;
  /** The media types of the body, JSON unless said. */
  accepts?: readonly string[];
  answer?: z.ZodMiniType;
  /** The media type of a good answer, JSON unless said. */
  gives?: string;
  /** The status of a good answer, 200 unless said. */
  status?: number;
  /** Codes it refuses with, beside those that follow from its scope, query and body. */
  refusals?: readonly RefusalCode[];
  serve: (c: Context, services: Services) => Promise<Response>;
}

/** The query as an object: a key given twice is a list. */
export function parseQuery(c: Context): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([key, values]) => [key, values.length > 1 ? values : values[0]]),
  );
}

/** The run named in the path. */
export function readRun(c: Context): string {
  return readName(c.req.param("run"), "run");
}
