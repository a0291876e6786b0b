/** Where a dashboard's panels stand, and what its filters are, as Metabase 0.64 keeps them. */
import type { Json, JsonObject } from "../json.ts";
import { isReached } from "../read-spec.ts";
import { type DashboardSpec, type Filter, type Panel, ROW_WIDTH } from "../spec.ts";
import { reference } from "./reference.ts";

/** Columns of its grid. */
const GRID_WIDTH = 24;
/** Height of a row of its grid, px. */
const GRID_ROW = 50;

/** `dashcards` of a dashboard, without their numbers. */
export function dashcards(spec: DashboardSpec): JsonObject[] {
  let row = 0;
  return spec.rows.flatMap(({ height, panels }) => {
    const [top, tall] = [row, Math.max(1, Math.round(height / GRID_ROW))];
    row += tall;
    let column = 0;
    return panels.map((panel) => {
      const wide = (panel.width * GRID_WIDTH) / ROW_WIDTH;
      const position = { row: top, col: column, size_x: wide, size_y: tall };
      column += wide;
      return { ...position, ...shown(panel, spec) };
    });
  });
}

function shown(panel: Panel, spec: DashboardSpec): JsonObject {
  if (panel.kind === "text")
    return {
      card_id: null,
      parameter_mappings: [],
      visualization_settings: {
        virtual_card: { name: null, display: "text", visualization_settings: {}, dataset_query: {}, archived: false },
        text: `### ${panel.title}\n\n${panel.markdown}`,
      },
    };
  const card = reference(`cards/${spec.key}/${panel.key}`);
  return {
    card_id: card,
    parameter_mappings: spec.filters
      .filter(({ column }) => isReached(panel, column, spec.datasets))
      .map(({ column }) => ({
        parameter_id: column,
        card_id: card,
        target: ["variable", ["template-tag", column]],
      })),
    visualization_settings: {},
  };
}

/**
 * `parameters` of a dashboard.
 * @param values key of the card with what a filter offers
 */
export function parameters({ filters }: DashboardSpec, values: (filter: Filter) => string): Json[] {
  return filters.map((filter) => ({
    id: filter.column,
    name: filter.label,
    slug: filter.column,
    type: "string/=",
    sectionId: "string",
    isMultiSelect: true,
    values_query_type: "list",
    values_source_type: "card",
    values_source_config: {
      card_id: reference(`cards/${values(filter)}`),
      value_field: ["field", filter.column, { "base-type": "type/Text" }],
    },
  }));
}
