/** A panel as Superset 6.1 draws and asks it. */
import type { Json, JsonObject } from "../json.ts";
import type { DataPanel, PanelOf } from "../spec.ts";

/** Points of all lines together; a dashboard that is met by more shows the newest. */
const LINE_POINTS = 50_000;

const FORMATS = { number: ".4~g", percent: ".1%", integer: ",d", seconds: ",.1f" } as const;
/** Places in Superset's own colours, counted from 1. */
const COLORS = { bad: 6, fair: 7, good: 3 } as const;

/** `viz_type` and form data of a chart. */
export function formData(panel: DataPanel): JsonObject & { viz_type: string } {
  const shared = { adhoc_filters: adhocFilters(panel), extra_form_data: {}, dashboards: [] };
  switch (panel.kind) {
    case "gauge":
      return { viz_type: "gauge_chart", ...shared, ...gauge(panel) };
    case "line":
      return { viz_type: "echarts_timeseries_line", ...shared, ...line(panel) };
    case "number":
      return {
        viz_type: "big_number_total",
        ...shared,
        metric: panel.measure,
        y_axis_format: FORMATS[panel.format],
        subheader: panel.subtitle,
        header_font_size: 0.4,
        subheader_font_size: 0.15,
      };
    case "table":
      return {
        viz_type: "table",
        ...shared,
        query_mode: "raw",
        all_columns: panel.columns,
        order_by_cols: [JSON.stringify([panel.sort.column, !panel.sort.descending])],
        row_limit: panel.rows,
        server_page_length: 10,
        table_timestamp_format: "smart_date",
        allow_render_html: false,
        show_cell_bars: false,
        groupby: [],
        metrics: [],
      };
    case "compare":
      return { viz_type: "echarts_timeseries_bar", ...shared, ...compare(panel) };
    case "distribution":
      return {
        viz_type: "histogram_v2",
        ...shared,
        column: panel.column,
        groupby: [],
        bins: panel.bins,
        row_limit: 10_000,
        normalize: false,
        cumulative: false,
        show_legend: false,
      };
  }
}

/** No rows would be one row of NULL, which a gauge draws as NaN: so that it says "No results". */
const SOME_ROWS = { expressionType: "SQL", clause: "HAVING", sqlExpression: "COUNT(*) > 0" };

function gauge({ measure, min, max, bands, format }: PanelOf<"gauge">): JsonObject {
  return {
    metric: measure,
    groupby: [],
    row_limit: 10,
    min_val: min,
    max_val: max,
    start_angle: 225,
    end_angle: -45,
    number_format: format === "number" ? ".3f" : FORMATS[format],
    value_formatter: "{value}",
    show_pointer: true,
    // It would paint over the bands.
    show_progress: false,
    split_number: 10,
    font_size: 13,
    intervals: bands.map(({ to }) => to).join(","),
    interval_color_indices: bands.map(({ means }) => COLORS[means]).join(","),
    color_scheme: "supersetColors",
  };
}

function line({ x, measure, by, scale, min, max }: PanelOf<"line">): JsonObject {
  return {
    x_axis: x,
    metrics: [measure],
    groupby: by,
    row_limit: LINE_POINTS,
    // By default the rows of the lowest values would be left out.
    timeseries_limit_metric: newest(x),
    order_desc: true,
    // Or places and colours change with the sums of lines.
    sort_series_type: "name",
    sort_series_ascending: true,
    // Or a value alone between two NaN is not seen.
    markerEnabled: true,
    markerSize: 5,
    ...(scale === "log" ? { logAxis: true } : {}),
    ...(min === undefined && max === undefined
      ? {}
      : { y_axis_bounds: [min ?? null, max ?? null], truncateYAxis: true }),
    x_axis_title: x,
    x_axis_title_margin: 30,
    show_legend: true,
    legendType: "scroll",
    legendOrientation: "top",
    rich_tooltip: true,
    truncate_metric: true,
    show_empty_columns: true,
    x_axis_sort_asc: true,
    seriesType: "line",
    y_axis_format: "SMART_NUMBER",
    annotation_layers: [],
    comparison_type: "values",
  };
}

function compare({ measure, by, rows, format }: PanelOf<"compare">): JsonObject {
  return {
    x_axis: by,
    metrics: [measure],
    groupby: [],
    row_limit: rows,
    order_desc: true,
    orientation: "horizontal",
    x_axis_sort: measure,
    x_axis_sort_asc: true,
    show_legend: false,
    show_value: true,
    rich_tooltip: true,
    truncate_metric: true,
    show_empty_columns: true,
    y_axis_format: FORMATS[format],
    annotation_layers: [],
    comparison_type: "values",
  };
}

const newest = (x: string): JsonObject => ({
  expressionType: "SQL",
  sqlExpression: `MAX(${x})`,
  label: `newest ${x}`,
  hasCustomLabel: true,
  optionName: `metric_newest_${x}`,
});

function adhocFilters(panel: DataPanel): Json[] {
  const chosen = Object.entries(panel.where).map(([column, value]) => ({
    expressionType: "SIMPLE",
    clause: "WHERE",
    subject: column,
    operator: Array.isArray(value) ? "IN" : "==",
    comparator: value,
  }));
  return panel.kind === "gauge" ? [...chosen, SOME_ROWS] : chosen;
}

/** What POST /api/v1/chart/data is asked for a panel, as the browser asks it. */
export function queryOf(panel: DataPanel): JsonObject {
  const filters = Object.entries(panel.where).map(([col, val]) => ({
    col,
    op: Array.isArray(val) ? "IN" : "==",
    val,
  }));
  switch (panel.kind) {
    case "gauge":
      return {
        columns: [],
        metrics: [panel.measure],
        filters,
        extras: { having: `(${SOME_ROWS.sqlExpression})` },
        row_limit: 10,
      };
    case "number":
      return { columns: [], metrics: [panel.measure], filters };
    case "line":
      return {
        columns: [panel.x, ...panel.by],
        metrics: [panel.measure],
        series_limit_metric: newest(panel.x),
        orderby: [[newest(panel.x), false]],
        filters,
        row_limit: LINE_POINTS,
      };
    case "table":
      return {
        columns: panel.columns,
        orderby: [[panel.sort.column, !panel.sort.descending]],
        filters,
        row_limit: panel.rows,
      };
    case "compare":
      return {
        columns: [panel.by],
        metrics: [panel.measure],
        orderby: [[panel.measure, false]],
        filters,
        row_limit: panel.rows,
      };
    case "distribution":
      return { columns: [panel.column], filters, row_limit: 10_000 };
  }
}
