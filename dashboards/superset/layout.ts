/** Where a dashboard's panels stand, and what its filters reach, as Superset 6.1 keeps them. */
import type { Json, JsonObject } from "../json.ts";
import { isReached } from "../read-spec.ts";
import type { DashboardSpec, Dialect } from "../spec.ts";
import { panelsOf } from "../spec.ts";

/** Superset counts heights in these, px. */
const HEIGHT_UNIT = 8;

/** How the charts and datasets of a dashboard are known in the bundle. */
export interface Known {
  /** Key of a panel -> the chart's uuid, and a number that the import replaces by its id. */
  charts: ReadonlyMap<string, { uuid: string; placeholder: number }>;
  /** Name of a dataset -> its uuid. */
  datasets: ReadonlyMap<string, string>;
}

/** `position` of a dashboard. */
export function position(spec: DashboardSpec, known: Known): JsonObject {
  const rows = spec.rows.map((row, index) => ({ ...row, id: `ROW-${index}` }));
  const elements: JsonObject[] = rows.flatMap(({ id, height, panels }) => {
    const parents = ["ROOT_ID", "GRID_ID"];
    const inRow = panels.map((panel): JsonObject & { id: string } => {
      const size = { width: panel.width, height: Math.round(height / HEIGHT_UNIT) };
      const inside = { children: [], parents: [...parents, id] };
      if (panel.kind === "text")
        return {
          type: "MARKDOWN",
          id: `MARKDOWN-${panel.key}`,
          ...inside,
          meta: { ...size, code: `### ${panel.title}\n\n${panel.markdown}` },
        };
      const chart = known.charts.get(panel.key)!;
      return {
        type: "CHART",
        id: `CHART-${panel.key}`,
        ...inside,
        meta: { ...size, uuid: chart.uuid, chartId: chart.placeholder, sliceName: panel.title },
      };
    });
    const children = inRow.map((element) => element.id);
    return [{ type: "ROW", id, parents, children, meta: { background: "BACKGROUND_TRANSPARENT" } }, ...inRow];
  });
  return {
    DASHBOARD_VERSION_KEY: "v2",
    ROOT_ID: { type: "ROOT", id: "ROOT_ID", children: ["GRID_ID"] },
    GRID_ID: { type: "GRID", id: "GRID_ID", children: rows.map(({ id }) => id), parents: ["ROOT_ID"] },
    HEADER_ID: { type: "HEADER", id: "HEADER_ID", meta: { text: spec.title } },
    ...Object.fromEntries(elements.map((element) => [element.id as string, element])),
  };
}

/** `metadata` of a dashboard: its refresh and its filters. */
export function metadata(spec: DashboardSpec, dialect: Dialect, known: Known): JsonObject {
  return {
    refresh_frequency: spec.refresh[dialect],
    // Spreads the charts over five seconds more.
    stagger_refresh: false,
    cross_filters_enabled: true,
    expanded_slices: {},
    timed_refresh_immune_slices: [],
    color_scheme: "",
    label_colors: {},
    native_filter_configuration: spec.filters.map((filter): Json => {
      const excluded = panelsOf(spec)
        .filter((panel) => panel.kind !== "text" && !isReached(panel, filter.column, spec.datasets))
        .map((panel) => known.charts.get(panel.key)!.placeholder);
      return {
        id: `NATIVE_FILTER-${filter.column}`,
        type: "NATIVE_FILTER",
        name: filter.label,
        filterType: "filter_select",
        targets: [{ datasetUuid: known.datasets.get(filter.dataset)!, column: { name: filter.column } }],
        scope: { rootPath: ["ROOT_ID"], excluded },
        controlValues: {
          multiSelect: true,
          enableEmptyFilter: false,
          defaultToFirstItem: false,
          inverseSelection: false,
          searchAllOptions: true,
        },
        cascadeParentIds: filter.within.map((column) => `NATIVE_FILTER-${column}`),
        defaultDataMask: {},
      };
    }),
  };
}
