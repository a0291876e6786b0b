/** The datasets that the shipped dashboards share: what is asked of the storage's views. */
import { sqlFiles } from "../functions/stores/sql-files.ts";
import { ofEachStore } from "./dialects.ts";
import type { Dataset, Sql } from "./spec.ts";

const files = sqlFiles(new URL("./datasets/", import.meta.url));

type DatasetInput = Omit<Dataset, "measures"> & { measures?: Dataset["measures"] };

/** Columns of one type, by name: what people call each. */
const columnsOf =
  <Type extends "text" | "integer" | "number" | "time">(type: Type) =>
  (labels: Record<string, string>) =>
    Object.entries(labels).map(([name, label]) => ({ name, type, label }));
const texts = columnsOf("text");
const integers = columnsOf("integer");
const numbers = columnsOf("number");
const times = columnsOf("time");

/** A field of the tag that says where a run comes from (docs/provenance.md), as text. */
const provenance = (name: string, field: string, label: string) => ({
  name,
  type: "text" as const,
  label,
  sql: ofEachStore(({ textIn }) => textIn("tags", "provenance", field)),
});

/** Of the newest run among those chosen, what stands in a column. */
const newest = (column: string): Sql => ofEachStore((sql) => sql.newest(column));

/** What the views of runs and of their metrics say alike of a run. */
const run = [
  ...texts({ project: "Project", run: "Run", name: "Name", state: "State" }),
  ...times({ started_at: "Started" }),
];

export const runs: DatasetInput = {
  view: "runs",
  time: "started_at",
  columns: [
    ...run,
    ...times({ ended_at: "Ended", last_event_at: "Last event" }),
    ...texts({ note: "Note" }),
    { name: "archived", type: "flag", label: "Archived" },
    {
      name: "params_text",
      type: "text",
      label: "Params",
      // As JSON: Superset shows a JSON column in Python's notation.
      sql: ofEachStore(({ jsonText }) => jsonText("params")),
    },
    provenance("by_user", "user", "By"),
    provenance("by_host", "host", "On"),
    provenance("git_commit", "git_commit", "Commit"),
    provenance("git_dirty", "git_dirty", "Changed"),
    provenance("command", "command", "Command"),
  ],
  measures: [
    { name: "runs", label: "Runs", sql: "COUNT(*)" },
    { name: "projects", label: "Projects", sql: "COUNT(DISTINCT project)" },
  ],
};

/** What tells the lines of metrics apart. */
const metric = texts({ project: "Project", run: "Run", metric: "Metric", split: "Split", level: "Level" });

/** Which metrics runs have: what filters offer. */
export const metricNames: DatasetInput = { view: "metric_names", columns: metric };

/** Values by epoch, step and time, those that a chart of them must not lose. */
export const metricLines: DatasetInput = {
  view: "metric_lines",
  time: "ts",
  columns: [
    ...metric,
    ...integers({ epoch: "Epoch", step: "Step" }),
    ...times({ ts: "Time" }),
    ...numbers({ value: "Value" }),
  ],
  // Not AVG: PostgreSQL's fails where finite values are 1e155 or more apart.
  measures: [{ name: "value_max", label: "Value", sql: "MAX(value)" }],
};

export const runMetrics: DatasetInput = {
  view: "run_metrics",
  sql: files.run_metrics as string,
  time: "started_at",
  columns: [
    ...run,
    ...texts({ metric: "Metric", split: "Split", level: "Level" }),
    ...integers({ points: "Points" }),
    ...texts({ first_text: "First" }),
    ...numbers({ last: "Last value" }),
    ...texts({ last_text: "Last" }),
    ...numbers({ best: "Best", min: "Lowest", max: "Highest" }),
  ],
  measures: [
    { name: "newest_last", label: "Last", sql: newest("last") },
    { name: "newest_points", label: "Points", sql: newest("points") },
    // Of one run, metric, split and level there is one row.
    { name: "best_of_run", label: "Best", sql: "MAX(best)" },
  ],
};

export const audit: DatasetInput = {
  view: "audit",
  time: "ts",
  columns: [
    ...texts({ project: "Project", run: "Run", kind: "What", actor: "Who" }),
    ...times({ ts: "When" }),
    ...texts({ reason: "Why" }),
  ],
  measures: [
    { name: "requests", label: "Requests", sql: "COUNT(*)" },
    { name: "people", label: "People", sql: "COUNT(DISTINCT actor)" },
  ],
};
