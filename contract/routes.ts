import { HEALTH, HEALTHZ } from "./health.ts";
import { ERRORS_PATH } from "./refusals.ts";

/** Where a route of the HTTP surface is: `/v1/runs/:run`, as Hono writes a parameter. */
export interface RouteAddress {
  method: "get" | "post" | "delete";
  path: string;
}

/** The HTTP surface, the same behind every API: what the handler serves. */
export const ROUTES = {
  events: { method: "post", path: "/v1/events" },
  paper: { method: "post", path: "/" },
  runs: { method: "get", path: "/v1/runs" },
  run: { method: "get", path: "/v1/runs/:run" },
  control: { method: "get", path: "/v1/runs/:run/control" },
  stop: { method: "post", path: "/v1/runs/:run/stop" },
  adjust: { method: "post", path: "/v1/runs/:run/adjust" },
  end: { method: "post", path: "/v1/runs/:run/end" },
  tags: { method: "post", path: "/v1/runs/:run/tags" },
  series: { method: "get", path: "/v1/series" },
  stream: { method: "get", path: "/v1/stream" },
  sql: { method: "post", path: "/v1/sql" },
  signIn: { method: "post", path: "/v1/session" },
  session: { method: "get", path: "/v1/session" },
  signOut: { method: "delete", path: "/v1/session" },
  health: { method: "get", path: HEALTH },
  healthz: { method: "get", path: HEALTHZ },
  openapi: { method: "get", path: "/openapi.json" },
  errors: { method: "get", path: ERRORS_PATH },
} as const satisfies Record<string, RouteAddress>;
