import type { Split, SqlResult } from "../../../functions/stores/store.ts";
import { SERIES } from "../../panel-columns.ts";
import type { PanelOf } from "../../spec.ts";
import { isTooLarge } from "../charts/axes.ts";
import type { ChartLine, XY } from "../charts/lines.ts";
import { cellNumber } from "../sql/columns.ts";
import { axisValueOf, indexOf } from "./values.ts";

const WITH_SPLIT = /^(?:(.*), )?(train|validation|test)$/s;

/** What a line panel shows, ready to be drawn. */
export interface PanelLines {
  lines: ChartLine[];
  isTime: boolean;
}

/**
 * The rows of a line panel as lines. Where a split tells lines apart it has the style that splits
 * have everywhere, and where runs do, `nameOf` gives the name that the page shows.
 */
export function panelLines(
  panel: Pick<PanelOf<"line">, "x" | "measure" | "by">,
  result: SqlResult,
  nameOf: (run: string) => string,
): PanelLines {
  const [x, y, series] = [panel.x, panel.measure, SERIES].map((name) => indexOf(result, name)) as [
    number,
    number,
    number,
  ];
  const points = new Map<string, XY[]>();
  let isTime = false;
  for (const row of result.rows) {
    const at = axisValueOf(row[x]);
    if (at === null || isTooLarge(at.x)) continue;
    isTime ||= at.isTime;
    const key = series < 0 ? "" : String(row[series]);
    const value = cellNumber(row[y]);
    const known = points.get(key) ?? [];
    points.set(key, known);
    known.push([at.x, isTooLarge(value) ? null : value]);
  }
  const lines = [...points].map(([key, all]) => lineOf(key, all, panel.by, nameOf));
  return { lines: lines.sort((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true })), isTime };
}

function lineOf(key: string, all: XY[], by: readonly string[], nameOf: (run: string) => string): ChartLine {
  const points = all.sort((a, b) => a[0] - b[0]);
  const [, rest = "", split] = (by.at(-1) === "split" && WITH_SPLIT.exec(key)) || [null, key, "train"];
  const owner = rest || "all";
  return {
    id: key,
    ...{ owner, hue: owner, label: labelOf(owner, by, nameOf) },
    split: split as Split,
    points,
    raw: null,
    band: null,
    marks: [],
    notFinite: 0,
    total: points.length,
    last: points.at(-1)?.[1] ?? null,
    version: JSON.stringify(points),
  };
}

/** An id may have commas too: the longest beginning that is a run's id counts. */
function labelOf(owner: string, by: readonly string[], nameOf: (run: string) => string): string {
  if (by[0] !== "run") return owner;
  const parts = owner.split(", ");
  for (let count = parts.length; count > 0; count--) {
    const run = parts.slice(0, count).join(", ");
    const name = nameOf(run);
    if (name !== run) return [name, ...parts.slice(count)].join(", ");
  }
  return owner;
}
