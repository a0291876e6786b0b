import type { RunsQuery, RunWithSummary, Split } from "../../../functions/stores/store.ts";
import { numberOf } from "../data/numbers.ts";
import { epochRow } from "../data/summary-rows.ts";
import type { View } from "../view.ts";
import type { MetricColumn } from "./metric-columns.ts";
import { holds } from "./param-filter.ts";

/**
 * A column of runs: `name`, `param:lr`, `best:validation:accuracy`. A sort is one of these, "-"
 * before it for descending.
 */
export type ColumnKey = string;

export function durationOf(run: RunWithSummary, now = Date.now()): number {
  const end = run.ended_at ?? (run.state === "running" ? null : run.last_event_at);
  return (end === null ? now : Date.parse(end)) - Date.parse(run.started_at);
}

export function columnValue(run: RunWithSummary, column: ColumnKey): unknown {
  const [kind, ...rest] = column.split(":") as [string, ...string[]];
  if (kind === "param") return run.params[rest.join(":")];
  if (kind === "best" || kind === "last") {
    const [split, ...metric] = rest as [Split, ...string[]];
    const row = epochRow(run.summary, metric.join(":"), split);
    return kind === "best" ? row?.best : row?.last;
  }
  if (column === "duration") return durationOf(run);
  return run[column as keyof RunWithSummary];
}

const SERVER_SORTS: readonly RunsQuery["sort"][] = ["-started_at", "started_at", "name", "-last_event_at"];

/** The sort as the server knows it; undefined for one that orders only the runs that are loaded. */
export const serverSort = (sort: string) => SERVER_SORTS.find((one) => one === sort);

/** The sort that puts the best value first. */
export const bestFirst = ({ metric, split, lowFirst }: MetricColumn): string =>
  `${lowFirst ? "" : "-"}best:${split}:${metric}`;

export function sortRuns(runs: readonly RunWithSummary[], sort: string): RunWithSummary[] {
  const column = sort.replace(/^-/, "");
  const direction = sort.startsWith("-") ? -1 : 1;
  const keys = new Map(runs.map((run) => [run, sortable(columnValue(run, column))]));
  return [...runs].sort((a, b) => {
    const [left, right] = [keys.get(a)!, keys.get(b)!];
    // What has no value stands last in either direction.
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    if (typeof left === "number" && typeof right === "number") return direction * (left - right);
    return direction * String(left).localeCompare(String(right), undefined, { numeric: true });
  });
}

function sortable(value: unknown): number | string | null {
  if (value === null || value === undefined) return null;
  const number = numberOf(value);
  if (number !== undefined) return Number.isNaN(number) ? null : number;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * Whether a run passes the list's filters. The text matches anywhere in name or id, as on the
 * server.
 */
export function passes(
  run: RunWithSummary,
  { text, state, archived, params }: Pick<View, "text" | "state" | "archived" | "params">,
): boolean {
  if (run.archived && !archived) return false;
  if (state !== null && run.state !== state) return false;
  if (!params.every((filter) => holds(filter, run.params))) return false;
  const needle = text.trim().toLowerCase();
  return needle === "" || run.name.toLowerCase().includes(needle) || run.run.toLowerCase().includes(needle);
}
