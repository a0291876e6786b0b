/**
 * Dashboards as the live page takes them. What asks for a panel's data is worked out here, so that
 * the page fills in what people chose and no more.
 */
import { ROWS } from "./panel-columns.ts";
import { panelQuery, type Views } from "./panel-query.ts";
import { type DashboardSpec, Filter, type Panel } from "./spec.ts";

export interface PageDashboard {
  key: string;
  title: string;
  description: string;
  /** Seconds from one refresh to the next. */
  refresh: number;
  filters: Pick<Filter, "column" | "label">[];
  rows: { height: number; panels: PagePanel[] }[];
}

export type PagePanel<P extends Panel = Panel> = P & {
  /** SQL with a variable for each column that narrows it; null of a text. */
  sql: string | null;
  /** What people call its columns and measures, by name. */
  labels: Record<string, string>;
};

/**
 * Makes of dashboards what the page shows of a storage. Throws a SpecError where a panel's SQL
 * would be read as something else.
 */
export function pageDashboards(specs: readonly DashboardSpec[], views: Views): PageDashboard[] {
  return specs.map((spec) => {
    const { key, title, description, refresh, filters, rows } = spec;
    // The page is of one project, whether or not the dashboard lets people choose one.
    const asked = { ...spec, filters: everyFilter(spec) };
    return {
      ...{ key, title, description },
      refresh: refresh[views.dialect],
      filters: filters.map(({ column, label }) => ({ column, label })),
      rows: rows.map(({ height, panels }) => ({
        height,
        panels: panels.map((panel) => toPagePanel(panel, asked, views)),
      })),
    };
  });
}

function toPagePanel(panel: Panel, spec: DashboardSpec, views: Views): PagePanel {
  if (panel.kind === "text") return { ...panel, sql: null, labels: {} };
  const { columns, measures } = spec.datasets[panel.dataset]!;
  const labels = Object.fromEntries([...columns, ...measures].map(({ name, label = name }) => [name, label]));
  return { ...panel, sql: panelQuery(panel, spec, views), labels: { ...labels, [ROWS]: "Rows" } };
}

const everyFilter = ({ datasets }: DashboardSpec): Filter[] =>
  Filter.shape.column.options.map((column) => ({
    column,
    label: column,
    dataset: Object.keys(datasets)[0]!,
    within: [],
  }));
