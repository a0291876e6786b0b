import { audit, runs } from "./datasets.ts";
import { refreshed } from "./dialects.ts";
import type { DashboardInput } from "./spec.ts";

/** Who ran what, from which code, and who asked what of it. */
export const governance = {
  version: 1,
  key: "governance",
  title: "Governance",
  description: "Who ran what, from which code and machine, and who asked runs to stop or changed what they are called.",
  refresh: refreshed({ free: 60, costly: 900 }),
  datasets: { runs, audit },
  filters: [
    { column: "project", label: "Project", dataset: "runs" },
    { column: "run", label: "Run", dataset: "runs", within: ["project"] },
  ],
  rows: [
    {
      height: 200,
      panels: [
        {
          kind: "number",
          key: "all-runs",
          title: "Runs",
          width: 3,
          dataset: "runs",
          measure: "runs",
          format: "integer",
        },
        {
          kind: "number",
          key: "stops",
          title: "Requests to stop",
          width: 3,
          dataset: "audit",
          where: { kind: "stop_requested" },
          measure: "requests",
          format: "integer",
        },
        {
          kind: "number",
          key: "people",
          title: "People who asked",
          width: 3,
          dataset: "audit",
          measure: "people",
          format: "integer",
        },
        {
          kind: "text",
          key: "what-this-is",
          title: "What this is",
          width: 3,
          markdown:
            "An audited event is one that says who. Runs say where they come from by themselves; *changed* means that there were changes which no commit holds.",
        },
      ],
    },
    {
      height: 400,
      panels: [
        {
          kind: "table",
          key: "asked",
          title: "Asked of runs",
          width: 8,
          dataset: "audit",
          columns: ["ts", "actor", "kind", "project", "run", "reason"],
          sort: { column: "ts", descending: true },
          rows: 1_000,
        },
        {
          kind: "compare",
          key: "asked-by",
          title: "Asked by whom",
          width: 4,
          dataset: "audit",
          by: "actor",
          measure: "requests",
          format: "integer",
        },
      ],
    },
    {
      height: 400,
      panels: [
        {
          kind: "table",
          key: "origins",
          title: "Where runs come from",
          width: 9,
          dataset: "runs",
          columns: ["started_at", "project", "name", "by_user", "by_host", "git_commit", "git_dirty", "command"],
          sort: { column: "started_at", descending: true },
          rows: 1_000,
        },
        {
          kind: "compare",
          key: "runs-by",
          title: "Runs by whom",
          width: 3,
          dataset: "runs",
          by: "by_user",
          measure: "runs",
          format: "integer",
        },
      ],
    },
  ],
} satisfies DashboardInput;
