import { ingestRoutes } from "./ingest.ts";
import type { Route } from "./route.ts";
import { runRoutes } from "./runs.ts";
import { seriesRoutes } from "./series.ts";
import { serviceRoutes } from "./service.ts";
import { sessionRoutes } from "./session.ts";
import { sqlRoutes } from "./sql.ts";
import { streamRoutes } from "./stream.ts";

/** The whole HTTP surface, the same behind every API. */
export const routes: readonly Route[] = [
  ...ingestRoutes,
  ...runRoutes,
  ...seriesRoutes,
  ...streamRoutes,
  ...sqlRoutes,
  ...sessionRoutes,
  ...serviceRoutes,
];
