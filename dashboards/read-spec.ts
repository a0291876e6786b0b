import type * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import {
  DashboardSpec,
  type DataPanel,
  type Dataset,
  PANEL_KINDS,
  type Panel,
  panelsOf,
  ROW_WIDTH,
  SPEC_VERSION,
  type DashboardSpec as Spec,
} from "./spec.ts";

/** A mistake in a dashboard, with the panel it is in and the fix. */
export class SpecError extends Error {
  override readonly name = "SpecError";
}

/**
 * Reads a dashboard: its shape, and that whatever a panel names is there. Throws a SpecError for
 * the first mistake.
 * @param from the file, to look for it
 */
export function readSpec(input: unknown, from: string): Spec {
  const version = (input as { version?: unknown } | null)?.version;
  if (version !== SPEC_VERSION)
    throw new SpecError(`${from}: version is ${say(version)}. This package reads version ${SPEC_VERSION}.`);
  const parsed = DashboardSpec.safeParse(input, { error: en().localeError });
  if (!parsed.success) throw new SpecError(`${from}: ${shapeProblem(parsed.error.issues[0] as Issue, input)}`);
  const problem = problemIn(parsed.data);
  if (problem !== null) throw new SpecError(`${from}: ${problem}`);
  return parsed.data;
}

type Issue = z.core.$ZodIssue;
interface Loose {
  rows?: { panels?: { key?: unknown; kind?: unknown }[] }[];
}

/** Tells of a panel by its key, where it has one. */
function shapeProblem(issue: Issue, input: unknown): string {
  const path = issue.path.map(String);
  const isInPanel = path[0] === "rows" && path[2] === "panels" && path[3] !== undefined;
  const panel = isInPanel ? (input as Loose).rows?.[Number(path[1])]?.panels?.[Number(path[3])] : undefined;
  const inside = isInPanel ? path.slice(4) : path;
  const named = typeof panel?.key === "string" ? `panel "${panel.key}"` : `panel ${path[3]} of row ${path[1]}`;
  const what = isInPanel ? `${named}${inside.length > 0 ? `, ${inside.join(".")}` : ""}` : inside.join(".") || "it";
  if (panel !== undefined && inside[0] === "kind")
    return `${named} is of kind ${say(panel.kind)}. Use one of ${PANEL_KINDS.join(", ")}.`;
  if (issue.code === "unrecognized_keys")
    return `${what} has ${issue.keys.map((one) => `"${one}"`).join(", ")}, which does not exist there: remove it.`;
  return `${what}: ${issue.message}.`;
}

function problemIn(spec: Spec): string | null {
  const panels = panelsOf(spec);
  for (const [index, { panels: inRow }] of spec.rows.entries()) {
    const width = inRow.reduce((sum, panel) => sum + panel.width, 0);
    if (width > ROW_WIDTH)
      return `panel "${inRow.at(-1)?.key}" makes row ${index} ${width} wide. A row holds ${ROW_WIDTH}: make one narrower.`;
  }
  const twice = panels.find(({ key }, index) => panels.findIndex((other) => other.key === key) !== index);
  if (twice !== undefined) return `panel "${twice.key}" is there twice: give one another key.`;
  if (panels.every(({ kind }) => kind === "text"))
    return "it has no panel with data. A visualizer finds a dashboard by its charts: add one.";
  for (const [name, dataset] of Object.entries(spec.datasets)) {
    const problem = datasetProblem(dataset);
    if (problem !== null) return `the dataset ${name} ${problem}`;
  }
  for (const panel of panels) {
    const problem = panel.kind === "text" ? null : (panelProblem(spec, panel) ?? valueProblem(spec, panel));
    if (problem !== null) return `panel "${panel.key}" ${problem}`;
  }
  return filterProblem(spec);
}

function datasetProblem(dataset: Dataset): string | null {
  const names = [...columnsOf(dataset), ...measuresOf(dataset)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `has ${twice} twice: give one another name.`;
  const { time } = dataset;
  if (time === undefined || dataset.columns.some(({ name, type }) => name === time && type === "time")) return null;
  const times = dataset.columns.filter(({ type }) => type === "time").map(({ name }) => name);
  return `names the time ${time}, which is no column of type time. ${thereAre(times)}`;
}

/** Whether the numbers of a panel, and the values that it chooses, can be. */
function valueProblem(spec: Spec, panel: DataPanel): string | null {
  const { columns } = spec.datasets[panel.dataset] as Dataset;
  for (const [column, given] of Object.entries(panel.where)) {
    const type = columns.find(({ name }) => name === column)?.type;
    const wanted = (type && WANTED[type]) ?? "string";
    const other = (Array.isArray(given) ? given : [given]).find((one) => typeof one !== wanted);
    if (other !== undefined) return `chooses ${column} ${say(other)}. The column is of type ${type}: give a ${wanted}.`;
  }
  if (panel.kind !== "line" && panel.kind !== "gauge") return null;
  const { min, max } = panel;
  if (min !== undefined && max !== undefined && min >= max)
    return `goes from ${min} to ${max}: max has to be more than min.`;
  if (panel.kind === "line") {
    const low = panel.scale === "log" ? [min, max].find((end) => end !== undefined && end <= 0) : undefined;
    return low === undefined ? null : `ends at ${low}, which a log scale has no place for: give more than 0.`;
  }
  const back = panel.bands.find(({ to }, index) => to <= (panel.bands[index - 1]?.to ?? panel.min));
  return back === undefined ? null : `has a band up to ${back.to}, which is not above what is before it: sort them.`;
}

/** Of a column's type, what `typeof` says of its values. */
const WANTED: Readonly<Partial<Record<Dataset["columns"][number]["type"], string>>> = {
  integer: "number",
  number: "number",
  flag: "boolean",
};

function panelProblem(spec: Spec, panel: DataPanel): string | null {
  const dataset = Object.hasOwn(spec.datasets, panel.dataset) ? spec.datasets[panel.dataset] : undefined;
  if (dataset === undefined) return `reads the dataset ${panel.dataset}. ${thereAre(Object.keys(spec.datasets))}`;
  const { columns, measures } = namedBy(panel);
  for (const name of columns)
    if (!dataset.columns.some((column) => column.name === name))
      return `names the column ${name}, which ${panel.dataset} does not have. ${thereAre(columnsOf(dataset))}`;
  for (const name of measures)
    if (!dataset.measures.some((measure) => measure.name === name))
      return `names the measure ${name}, which ${panel.dataset} does not have. ${thereAre(measuresOf(dataset))}`;
  return null;
}

/** What a panel wants of its dataset. */
export function namedBy(panel: DataPanel): { columns: string[]; measures: string[] } {
  const where = Object.keys(panel.where);
  switch (panel.kind) {
    case "table":
      return { columns: [...where, ...panel.columns, panel.sort.column], measures: [] };
    case "line":
      return { columns: [...where, panel.x, ...panel.by], measures: [panel.measure] };
    case "compare":
      return { columns: [...where, panel.by], measures: [panel.measure] };
    case "distribution":
      return { columns: [...where, panel.column], measures: [] };
    default:
      return { columns: where, measures: [panel.measure] };
  }
}

function filterProblem({ datasets, filters }: Spec): string | null {
  for (const [index, { column, dataset, within }] of filters.entries()) {
    const found = Object.hasOwn(datasets, dataset) ? datasets[dataset] : undefined;
    if (found === undefined)
      return `the filter ${column} offers values of ${dataset}. ${thereAre(Object.keys(datasets))}`;
    if (!columnsOf(found).includes(column))
      return `the filter ${column} offers values of ${dataset}, which has no such column. ${thereAre(columnsOf(found))}`;
    const unknown = within.find((other) => !filters.some((filter) => filter.column === other));
    if (unknown !== undefined)
      return `the filter ${column} is within ${unknown}, which is no filter here. ${thereAre(filters.map((one) => one.column))}`;
    if (filters.findIndex((other) => other.column === column) < index)
      return `the filter ${column} is there twice: leave one out.`;
  }
  return null;
}

/** Whether a filter's choice narrows a panel. */
export function isReached(panel: Panel, column: string, datasets: Record<string, Dataset>): boolean {
  if (panel.kind === "text" || column in panel.where) return false;
  return columnsOf(datasets[panel.dataset] as Dataset).includes(column);
}

const columnsOf = (dataset: Dataset) => dataset.columns.map(({ name }) => name);
const measuresOf = (dataset: Dataset) => dataset.measures.map(({ name }) => name);
const thereAre = (names: string[]) => (names.length === 0 ? "There is none." : `Those there are: ${names.join(", ")}.`);
const say = (value: unknown) => (value === undefined ? "missing" : JSON.stringify(value));
