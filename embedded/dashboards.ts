import type { Hono } from "hono";
import type { PageDashboard } from "../dashboards/page-dashboards.ts";
import type { Access } from "../functions/http/access.ts";

interface Options {
  access: Access;
  dashboards: readonly PageDashboard[];
}

/**
 * Serves `GET /dashboards`: what the page shows beside its own charts. A team's own may name what
 * not everybody is to know, so that whoever asks has to be one who may read.
 */
export function serveDashboards(app: Hono, { access, dashboards }: Options): void {
  app.get("/dashboards", async (c) => {
    await access.grant(c, "read");
    c.header("cache-control", "no-store");
    return c.json({ dashboards });
  });
}
