import type { Hono } from "hono";
import type { PageDashboard } from "../dashboards/page-dashboards.ts";
import type { DashboardSpec } from "../dashboards/spec.ts";
import type { Access } from "../functions/http/access.ts";

interface Options {
  access: Access;
  dashboards: () => Promise<readonly PageDashboard[]>;
}

/**
 * Makes what the page shows beside its own charts, at the first call: the dashboards that ship, or
 * those given. What makes them is loaded only then, as a start has no need of it. Rejects with a
 * SpecError where a panel's SQL would be read as something else.
 */
export function dashboardsOnce(specs?: readonly DashboardSpec[]): () => Promise<readonly PageDashboard[]> {
  let made: Promise<readonly PageDashboard[]> | undefined;
  return () => {
    made ??= make();
    return made;
  };

  async function make() {
    const { pageDashboards } = await import("../dashboards/page-dashboards.ts");
    const { standardDashboards } = await import("../dashboards/shipped.ts");
    return pageDashboards(specs ?? standardDashboards(), { dialect: "postgres", schema: null });
  }
}

/**
 * Serves `GET /dashboards`. A team's own may name what not everybody is to know, so that whoever
 * asks has to be one who may read.
 */
export function serveDashboards(app: Hono, { access, dashboards }: Options): void {
  app.get("/dashboards", async (c) => {
    await access.grant(c, "read");
    c.header("cache-control", "no-store");
    return c.json({ dashboards: await dashboards() });
  });
}
