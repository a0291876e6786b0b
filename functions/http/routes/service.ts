import { HEALTH, HEALTHZ } from "../../../contract/health.ts";
import type { Route } from "./route.ts";

const health = (path: string): Route => ({
  method: "get",
  path,
  scope: "none",
  summary: "Whether the process lives and its store answers.",
  async serve(c, { store }) {
    const health = await store.health();
    c.header("cache-control", "no-store");
    return c.json({ status: health.ok ? "ok" : "store unavailable", store: health }, health.ok ? 200 : 503);
  },
});

export const serviceRoutes: readonly Route[] = [
  health(HEALTH),
  health(HEALTHZ),
  {
    method: "get",
    path: "/openapi.json",
    scope: "none",
    summary: "This description.",
    async serve(c, { describe }) {
      return c.json(describe());
    },
  },
];
