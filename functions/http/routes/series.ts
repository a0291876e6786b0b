import { ROUTES } from "../../../contract/routes.ts";
import { LIMITS } from "../../event/event.ts";
import { Refusal } from "../../refusals/refusal.ts";
import { readProjectQuery } from "../access.ts";
import { quickGzip } from "../gzip.ts";
import { read, SeriesAnswer, SeriesQuery } from "../schemas.ts";
import { parseQuery, type Route } from "./route.ts";

export const seriesRoutes: readonly Route[] = [
  {
    ...ROUTES.series,
    operation: "readSeries",
    scope: "read",
    summary:
      "Metrics of runs as columns, thinned to at most `points` points a series with every bucket's extremes kept.",
    query: SeriesQuery,
    answer: SeriesAnswer,
    refusals: ["too-many-points"],
    async serve(c, { store, access }) {
      const project = readProjectQuery(c, await access.grant(c, "read"));
      const { run: runs, metric: metrics, ...how } = read(SeriesQuery, parseQuery(c));
      if (runs.length === 0) throw missing("run");
      if (metrics.length === 0) throw missing("metric");
      const query = { project, runs: [...new Set(runs)], metrics: [...new Set(metrics)], ...how };
      const total = query.runs.length * query.metrics.length * query.points;
      if (total > LIMITS.points) throw tooMany(total);
      return quickGzip(c, await store.series(query));
    },
  },
];

function missing(field: string): Refusal {
  return new Refusal("invalid-request", `The query names no ${field}.`, {
    field,
    fix: `Add ?${field}=NAME, several times for several.`,
  });
}

function tooMany(total: number): Refusal {
  return new Refusal("too-many-points", `The query asks for up to ${total} points.`, {
    field: "points",
    fix: `Ask for fewer points, or for fewer runs or metrics at a time: ${LIMITS.points} altogether.`,
  });
}
