import { type SummaryRow, toSummary } from "./driver-rows.ts";
import type { Summary } from "./store.ts";

/** Metrics that are given of one run. */
const METRICS_A_RUN = 5_000;
/** Metrics of all runs of one answer: some MB of JSON. */
const METRICS_AN_ANSWER = 50_000;

/** What an answer holds of a run beside the run. */
export interface RunSummary {
  summary: Summary[];
  summary_truncated?: true;
}

/** Reads summaries: the first `metrics` of each run, `limit` altogether, those of a run on end. */
export type ReadSummaries = (
  runs: readonly string[],
  bounds: { metrics: number; limit: number },
) => Promise<SummaryRow[]>;

/**
 * Reads the summaries of the first of these runs: of all of them, unless they have so many metrics
 * that the answer would be too large; then of fewer, but of one at least.
 */
export async function readSummaries(runs: readonly string[], read: ReadSummaries): Promise<RunSummary[]> {
  if (runs.length === 0) return [];
  const bounds = { metrics: METRICS_A_RUN + 1, limit: METRICS_AN_ANSWER + 1 };
  const rows = await read(runs, bounds);
  if (rows.length <= METRICS_AN_ANSWER || runs.length === 1) return summariesOf(runs, rows);
  // The rows are those of some of the runs, in no order that the list has.
  const found: RunSummary[] = [];
  const portion = Math.floor(METRICS_AN_ANSWER / METRICS_A_RUN);
  for (let [at, count] = [0, 0]; at < runs.length; at += portion) {
    const some = runs.slice(at, at + portion);
    for (const one of summariesOf(some, await read(some, { ...bounds, limit: portion * bounds.metrics }))) {
      count += one.summary.length;
      if (count > METRICS_AN_ANSWER && found.length > 0) return found;
      found.push(one);
    }
  }
  return found;
}

function summariesOf(runs: readonly string[], rows: readonly SummaryRow[]): RunSummary[] {
  const byRun = new Map<string, Summary[]>(runs.map((run) => [run, []]));
  for (const row of rows) byRun.get(row.run)?.push(toSummary(row));
  return runs.map((run) => {
    const all = byRun.get(run) ?? [];
    return all.length <= METRICS_A_RUN
      ? { summary: all }
      : { summary: all.slice(0, METRICS_A_RUN), summary_truncated: true };
  });
}
