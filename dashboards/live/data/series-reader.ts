import { LIMITS } from "../../../functions/event/event.ts";
import type { SeriesPage, SeriesQuery } from "../../../functions/stores/store.ts";
import { type Api, Problem } from "./api.ts";
import type { XKind } from "./event-points.ts";

/** Points a series is read with, fewer where there are many. */
export const POINTS = 500;
/** The fewest that the API thins a series to. */
const FEWEST_POINTS = 10;
/** Characters that the names of one question may have: proxies refuse longer addresses. */
const MOST_CHARACTERS = 6000;
const CROWDED = "The names of these metrics are too long to be asked for together. Filter the charts.";

/** Series by all of these runs and metrics. */
export interface Wanted {
  runs: string[];
  metrics: string[];
  x: XKind;
  /** Weight of the moving average; none where it is left out. */
  smoothing?: number;
  /** Means of buckets instead of their extremes: what groups of runs are drawn from. */
  means?: boolean;
}

/**
 * Creates what reads series. A metric that the API does not give takes no other with it: it is left
 * out of further questions, and its chart says why.
 */
export function createSeriesReader(api: Api, project: string) {
  const reasons = new Map<string, string>();
  /** What does not fit into the present question. */
  let crowded = new Set<string>();
  const lasting = (metric: string) => reasons.get(metric) ?? unaskable(metric);

  /** The question with only those metrics that can be asked for together. */
  function askable(asked: Wanted): Wanted {
    let characters = 0;
    const named = asked.metrics.filter((metric) => lasting(metric) === null);
    const metrics = named.filter((metric) => {
      characters += encodeURIComponent(metric).length;
      return characters <= MOST_CHARACTERS;
    });
    crowded = new Set(named.filter((metric) => !metrics.includes(metric)));
    return { ...asked, metrics };
  }

  /** Finds which metrics of a refused question are refused alone; false where none is to blame. */
  async function blame(asked: Wanted, signal: AbortSignal): Promise<boolean> {
    let isFound = false;
    for (const metric of asked.metrics) {
      try {
        await api.series({ ...queryOf(project, { ...asked, metrics: [metric] }), points: FEWEST_POINTS }, signal);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        reasons.set(metric, [error.message, error.fix].filter(Boolean).join(" "));
        isFound = true;
      }
    }
    return isFound;
  }

  /** Reads what can be had of a question; null where none of its metrics can. */
  async function read(asked: Wanted, signal: AbortSignal): Promise<SeriesPage | null> {
    const good = askable(asked);
    if (good.metrics.length === 0) return null;
    try {
      return await api.series(queryOf(project, good), signal);
    } catch (error) {
      if (!isRefusal(error) || !(await blame(good, signal))) throw error;
      return read(asked, signal);
    }
  }

  return {
    read,
    /** Why a metric cannot be read; null where it can. */
    refusalOf: (metric: string): string | null => lasting(metric) ?? (crowded.has(metric) ? CROWDED : null),
  };
}

/** The question for series: the more there are, the fewer points each. */
function queryOf(project: string, { runs, metrics, x, smoothing, means }: Wanted): SeriesQuery {
  const share = Math.floor(LIMITS.points / (runs.length * metrics.length));
  const points = Math.max(FEWEST_POINTS, Math.min(POINTS, share));
  const shape = { ...(smoothing ? { smoothing } : {}), ...(means ? { means } : {}) };
  return { project, runs, metrics, x, points, writers: true, ...shape, ...(x === "epoch" ? { level: "epoch" } : {}) };
}

/** Whether it is the question that is at fault, and not the session, the load or the server. */
const isRefusal = (error: unknown): error is Problem =>
  error instanceof Problem && [400, 414, 422, 431].includes(error.status);

/** The API has the same limits for the names it takes. */
function unaskable(metric: string): string | null {
  if (metric === "") return "This metric has no name, so it cannot be asked for.";
  if (metric.length > LIMITS.name)
    return `Its name has more than ${LIMITS.name} characters, so it cannot be asked for.`;
  return null;
}
