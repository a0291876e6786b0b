/**
 * Dashboards as plain data: rows of panels over the storage's views. One compiler per visualizer
 * makes of it what that product wants, so that each shows the same numbers. It goes through JSON
 * unchanged.
 */
import * as z from "zod/mini";
import { type StoreKind, storeKinds } from "../contract/login.ts";
import { refreshed } from "./dialects.ts";

/** The version of the specs that this package reads. */
export const SPEC_VERSION = 1;
/** Panels of a row have widths that add up to no more. */
export const ROW_WIDTH = 12;

/** A database whose SQL panels are asked in. */
export type Dialect = StoreKind;

/** One value for each of the databases that there are. */
const inEachDialect = <T extends z.ZodMiniType>(of: T) =>
  z.strictObject(Object.fromEntries(storeKinds.map((kind) => [kind, of])) as Record<StoreKind, T>);

/** SQL that all dialects understand, or the text of each. */
export const Sql = z.union([z.string(), inEachDialect(z.string())]);
export type Sql = z.output<typeof Sql>;

const key = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9-]{0,60}$/, "should be small letters, digits and hyphens, such as loss-by-epoch"));
const identifier = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9_]{0,60}$/, "should be small letters, digits and underscores, such as best_value"));
const title = z.string().check(z.minLength(1), z.maxLength(100));
const seconds = z.int().check(z.minimum(1));

const Column = z.strictObject({
  name: identifier,
  type: z.enum(["text", "integer", "number", "time", "flag"]),
  label: z.optional(title),
  /** Where the view has no column of this name: what it is worked out from. */
  sql: z.optional(Sql),
});
export type Column = z.output<typeof Column>;

/** An aggregate over the rows that a panel chose. */
const Measure = z.strictObject({ name: identifier, label: title, sql: Sql });
export type Measure = z.output<typeof Measure>;

const Dataset = z.strictObject({
  /** The view that it reads, or whatever name, where `sql` stands. */
  view: identifier,
  /** A SELECT over the views, for what no view has. */
  sql: z.optional(Sql),
  time: z.optional(identifier),
  columns: z.array(Column).check(z.minLength(1)),
  measures: z._default(z.array(Measure), []),
});
export type Dataset = z.output<typeof Dataset>;

const value = z.union([z.string(), z.number(), z.boolean()]);
/** Column -> the value that a row has there, or one of several. All have to hold. */
const Where = z.record(z.string(), z.union([value, z.array(value).check(z.minLength(1))]));
export type Where = z.output<typeof Where>;

const common = {
  key,
  title,
  width: z.int().check(z.minimum(1), z.maximum(ROW_WIDTH)),
  /** Says more than the title does, to who asks. */
  description: z.optional(z.string()),
};
const over = { ...common, dataset: identifier, where: z._default(Where, {}) };
const format = z._default(z.enum(["number", "percent", "integer", "seconds"]), "number");

const Gauge = z.strictObject({
  kind: z.literal("gauge"),
  ...over,
  measure: identifier,
  min: z.number(),
  max: z.number(),
  /** From the lowest: up to where, and what it means. */
  bands: z._default(z.array(z.strictObject({ to: z.number(), means: z.enum(["bad", "fair", "good"]) })), []),
  format,
});
const Line = z.strictObject({
  kind: z.literal("line"),
  ...over,
  x: identifier,
  measure: identifier,
  /** A line for each value of these. */
  by: z._default(z.array(identifier), []),
  scale: z._default(z.enum(["linear", "log"]), "linear"),
  min: z.optional(z.number()),
  max: z.optional(z.number()),
});
const NumberPanel = z.strictObject({
  kind: z.literal("number"),
  ...over,
  measure: identifier,
  subtitle: z._default(z.string(), ""),
  format,
});
const Table = z.strictObject({
  kind: z.literal("table"),
  ...over,
  columns: z.array(identifier).check(z.minLength(1)),
  sort: z.strictObject({ column: identifier, descending: z._default(z.boolean(), false) }),
  rows: z._default(z.int().check(z.minimum(1), z.maximum(10_000)), 100),
});
/** A bar for each value of a column: what one measure is for each run. */
const Compare = z.strictObject({
  kind: z.literal("compare"),
  ...over,
  measure: identifier,
  by: identifier,
  /** Bars at most, those of the highest values. */
  rows: z._default(z.int().check(z.minimum(1), z.maximum(1_000)), 50),
  format,
});
/** How often which values of a column occur. */
const Distribution = z.strictObject({
  kind: z.literal("distribution"),
  ...over,
  column: identifier,
  bins: z._default(z.int().check(z.minimum(2), z.maximum(200)), 20),
});
const Text = z.strictObject({ kind: z.literal("text"), ...common, markdown: z.string() });

export const PANEL_KINDS = ["gauge", "line", "number", "table", "compare", "distribution", "text"] as const;
const Panel = z.discriminatedUnion("kind", [Gauge, Line, NumberPanel, Table, Compare, Distribution, Text]);
export type Panel = z.output<typeof Panel>;
/** A panel that asks for data: all but text. */
export type DataPanel = Exclude<Panel, { kind: "text" }>;
export const isData = (panel: Panel): panel is DataPanel => panel.kind !== "text";
export type PanelOf<K extends Panel["kind"]> = Extract<Panel, { kind: K }>;

/**
 * What people choose above the panels. It reaches each panel whose dataset has the column, but
 * those that choose for themselves (in `where`).
 */
export const Filter = z.strictObject({
  column: z.enum(["project", "run", "metric", "split", "level"]),
  label: title,
  /** The dataset whose values are offered. */
  dataset: identifier,
  /** Only those of what these filters choose. */
  within: z._default(z.array(z.string()), []),
});
export type Filter = z.output<typeof Filter>;

const Row = z.strictObject({
  /** In pixels. */
  height: z.int().check(z.minimum(80), z.maximum(2_000)),
  panels: z.array(Panel).check(z.minLength(1)),
});

export const DashboardSpec = z.strictObject({
  version: z.literal(SPEC_VERSION),
  key,
  title,
  description: z._default(z.string(), ""),
  /** Seconds from one refresh to the next. Warehouses bill each. */
  refresh: z._default(inEachDialect(seconds), refreshed({ free: 30, costly: 300 })),
  datasets: z.record(z.string(), Dataset),
  filters: z._default(z.array(Filter), []),
  rows: z.array(Row),
});
export type DashboardSpec = z.output<typeof DashboardSpec>;
/** As it is written: what has a default may be left out. */
export type DashboardInput = z.input<typeof DashboardSpec>;

/** The text of a dialect. */
export function sqlIn(sql: Sql, dialect: Dialect): string {
  return typeof sql === "string" ? sql : sql[dialect];
}

/**
 * A SELECT of a dialect, without its comments: visualizers put it into a query of their own, and
 * warehouses log every one.
 */
export function selectIn(sql: Sql, dialect: Dialect): string {
  return sqlIn(sql, dialect)
    .replace(/^\s*--.*\n/gm, "")
    .trim();
}

/** Every panel of a dashboard, in reading order. */
export function panelsOf(spec: DashboardSpec): Panel[] {
  return spec.rows.flatMap(({ panels }) => panels);
}
