import { ROUTES, type RouteAddress } from "../../../contract/routes.ts";
import { toErrorsPage } from "../../refusals/errors-page.ts";
import type { Route } from "./route.ts";

const health = (address: RouteAddress, operation: string): Route => ({
  ...address,
  operation,
  scope: "none",
  summary: "Whether the process lives and its store answers.",
  async serve(c, { store }) {
    const health = await store.health();
    c.header("cache-control", "no-store");
    return c.json({ status: health.ok ? "ok" : "store unavailable", store: health }, health.ok ? 200 : 503);
  },
});

export const serviceRoutes: readonly Route[] = [
  health(ROUTES.health, "getHealth"),
  health(ROUTES.healthz, "getLiveness"),
  {
    ...ROUTES.openapi,
    operation: "getDescription",
    scope: "none",
    summary: "This description.",
    async serve(c, { describe }) {
      return c.json(describe());
    },
  },
  {
    ...ROUTES.errors,
    operation: "getErrors",
    scope: "none",
    summary: "Every code of an error document, with what to do about it. `type` of an error document points here.",
    gives: "text/markdown",
    async serve(c) {
      return c.text(toErrorsPage(), 200, { "content-type": "text/markdown; charset=utf-8" });
    },
  },
];
