/** A panel's chart as Metabase 0.64 draws it: `display` and `visualization_settings` of a card. */
import type { Json, JsonObject } from "../json.ts";
import { ROWS, SERIES } from "../panel-columns.ts";
import type { DataPanel, Dataset, PanelOf } from "../spec.ts";

const COLORS = { bad: "#E04355", fair: "#FCC700", good: "#5AC189", none: "#DCDFE0" } as const;

const FORMATS = {
  number: { number_style: "decimal", decimals: 4 },
  percent: { number_style: "percent", decimals: 1 },
  integer: { number_style: "decimal", decimals: 0 },
  seconds: { number_style: "decimal", decimals: 1, suffix: " s" },
} as const;

export interface Chart {
  display: "gauge" | "line" | "scalar" | "table" | "row" | "bar";
  visualization_settings: JsonObject;
}

export function chartOf(panel: DataPanel, dataset: Dataset): Chart {
  switch (panel.kind) {
    case "gauge":
      return { display: "gauge", visualization_settings: gauge(panel) };
    case "line":
      return { display: "line", visualization_settings: line(panel, dataset) };
    case "number":
      return {
        display: "scalar",
        visualization_settings: {
          "scalar.field": panel.measure,
          column_settings: columnSettings({ [panel.measure]: FORMATS[panel.format] }),
        },
      };
    case "table":
      return { display: "table", visualization_settings: table(panel, dataset) };
    case "compare":
      return {
        display: "row",
        visualization_settings: {
          "graph.dimensions": [panel.by],
          "graph.metrics": [panel.measure],
          "graph.show_values": true,
          column_settings: columnSettings({ [panel.measure]: FORMATS[panel.format] }),
        },
      };
    case "distribution":
      return {
        display: "bar",
        visualization_settings: {
          "graph.dimensions": [panel.column],
          "graph.metrics": [ROWS],
          "graph.x_axis.scale": "ordinal",
          column_settings: columnSettings({ [panel.column]: FORMATS.number }),
        },
      };
  }
}

/** Segments up to each band's end, and one without a meaning up to the gauge's. */
function gauge({ measure, min, max, bands, format }: PanelOf<"gauge">): JsonObject {
  const ends = [...bands, { to: max, means: "none" as const }].filter(({ to }) => to > min && to <= max);
  const segments = ends
    .map(({ to, means }, at) => ({ min: at === 0 ? min : ends[at - 1]!.to, max: to, color: COLORS[means], label: "" }))
    .filter((segment) => segment.max > segment.min);
  return { "gauge.segments": segments, column_settings: columnSettings({ [measure]: FORMATS[format] }) };
}

function line({ x, measure, by, scale, min, max }: PanelOf<"line">, dataset: Dataset): JsonObject {
  const type = dataset.columns.find(({ name }) => name === x)?.type;
  const isNumber = type === "integer" || type === "number";
  return {
    "graph.dimensions": by.length === 0 ? [x] : [x, SERIES],
    "graph.metrics": [measure],
    "graph.x_axis.scale": type === "time" ? "timeseries" : isNumber ? "linear" : "ordinal",
    "graph.x_axis.title_text": x,
    "graph.y_axis.scale": scale,
    ...(min === undefined && max === undefined ? {} : { "graph.y_axis.auto_range": false }),
    ...(min === undefined ? {} : { "graph.y_axis.min": min }),
    ...(max === undefined ? {} : { "graph.y_axis.max": max }),
    // A value that is no number is a gap.
    "line.missing": "none",
    // Or a value alone between two gaps is not seen.
    "line.marker_enabled": true,
  };
}

function table({ columns }: PanelOf<"table">, dataset: Dataset): JsonObject {
  const labels = columns.map((name) => {
    const label = dataset.columns.find((column) => column.name === name)?.label;
    return [name, label === undefined ? {} : { column_title: label }] as const;
  });
  return {
    "table.columns": columns.map((name) => ({ name, enabled: true })),
    column_settings: columnSettings(Object.fromEntries(labels)),
  };
}

/** Metabase knows a column by JSON of its kind and name. */
function columnSettings(columns: Record<string, JsonObject>): Json {
  return Object.fromEntries(Object.entries(columns).map(([name, of]) => [JSON.stringify(["name", name]), of]));
}
