/** The datasets that the shipped dashboards share: what is asked of the storage's views. */
import { sqlFiles } from "../functions/stores/sql-files.ts";
import { ofEachStore } from "./dialects.ts";
import type { Dataset, Sql } from "./spec.ts";

const files = sqlFiles(new URL("./datasets/", import.meta.url));

type DatasetInput = Omit<Dataset, "measures"> & { measures?: Dataset["measures"] };

const text = (name: string, label?: string) => ({ name, type: "text" as const, ...(label ? { label } : {}) });
const integer = (name: string, label?: string) => ({ name, type: "integer" as const, ...(label ? { label } : {}) });
const number = (name: string, label?: string) => ({ name, type: "number" as const, ...(label ? { label } : {}) });
const time = (name: string, label?: string) => ({ name, type: "time" as const, ...(label ? { label } : {}) });

/** A field of the tag that says where a run comes from (docs/provenance.md), as text. */
const provenance = (name: string, field: string, label: string) => ({
  name,
  type: "text" as const,
  label,
  sql: ofEachStore(({ textIn }) => textIn("tags", "provenance", field)),
});

/** Of the newest run among those chosen, what stands in a column. */
const newest = (column: string): Sql => ofEachStore((sql) => sql.newest(column));

export const runs: DatasetInput = {
  view: "runs",
  time: "started_at",
  columns: [
    text("project", "Project"),
    text("run", "Run"),
    text("name", "Name"),
    text("state", "State"),
    time("started_at", "Started"),
    time("ended_at", "Ended"),
    time("last_event_at", "Last event"),
    text("note", "Note"),
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

/** Values by epoch and step: the only dataset that reads points. */
export const metrics: DatasetInput = {
  view: "metrics",
  time: "ts",
  columns: [
    text("project", "Project"),
    text("run", "Run"),
    text("metric", "Metric"),
    text("split", "Split"),
    text("level", "Level"),
    integer("epoch", "Epoch"),
    integer("step", "Step"),
    time("ts", "Time"),
    number("value", "Value"),
  ],
  // Not AVG: PostgreSQL's fails where finite values are 1e155 or more apart.
  measures: [{ name: "value_max", label: "Value", sql: "MAX(value)" }],
};

export const runMetrics: DatasetInput = {
  view: "run_metrics",
  sql: files.run_metrics as string,
  time: "started_at",
  columns: [
    text("project", "Project"),
    text("run", "Run"),
    text("name", "Name"),
    text("state", "State"),
    time("started_at", "Started"),
    text("metric", "Metric"),
    text("split", "Split"),
    text("level", "Level"),
    integer("points", "Points"),
    text("first_text", "First"),
    number("last", "Last value"),
    text("last_text", "Last"),
    number("best", "Best"),
    number("min", "Lowest"),
    number("max", "Highest"),
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
    text("project", "Project"),
    text("run", "Run"),
    text("kind", "What"),
    text("actor", "Who"),
    time("ts", "When"),
    text("reason", "Why"),
  ],
  measures: [
    { name: "requests", label: "Requests", sql: "COUNT(*)" },
    { name: "people", label: "People", sql: "COUNT(DISTINCT actor)" },
  ],
};
