/**
 * A panel as SQL that Metabase and the live page ask, with a variable for each filter that reaches
 * it, in Metabase's words. Left empty, a variable takes the condition that it is in with it.
 */
import { aboutStores } from "../functions/stores/about-stores.ts";
import { ROWS, SERIES } from "./panel-columns.ts";
import { isReached, SpecError } from "./read-spec.ts";
import {
  type DashboardSpec,
  type DataPanel,
  type Dataset,
  type Dialect,
  type PanelOf,
  selectIn,
  sqlIn,
  type Where,
} from "./spec.ts";

/** Where the views are, and in whose words they are asked. */
export interface Views {
  dialect: Dialect;
  /** null: where whoever asks finds them by their names alone. */
  schema: string | null;
}

/** Metabase draws no chart that has more. */
const MOST_LINES = 100;
/** Points of all lines together, the newest: as many rows as Metabase gives of any query. */
export const LINE_POINTS = 10_000;
/** The largest finite double: NaN and infinities lie beyond it, and JSON has no word for them. */
const LARGEST = "1.7976931348623157e308";

const finite = (value: string) => `CASE WHEN ${value} BETWEEN -${LARGEST} AND ${LARGEST} THEN ${value} END`;

/** The SQL of a panel. Throws a SpecError where what asks it would read it as something else. */
export function panelQuery(panel: DataPanel, spec: DashboardSpec, views: Views): string {
  const source = new Source(spec.datasets[panel.dataset]!, views);
  const where = source.conditions(panel.where);
  const { columns, measures } = source.dataset;
  const given = [where, source.from, ...[...columns, ...measures].map(({ sql = "" }) => sqlIn(sql, views.dialect))];
  if (given.some((text) => /\[\[|\]\]|\{\{/.test(text)))
    throw new SpecError(
      `${spec.key}: panel "${panel.key}" has [[, ]] or {{ in its SQL, which is read as a variable: put a space in between.`,
    );
  const optional = spec.filters
    .filter(({ column }) => isReached(panel, column, spec.datasets))
    .map(({ column }) => `  [[AND ${source.choice(column)} IN ({{${column}}})]]`);
  const from = [`FROM ${source.from} AS d`, `WHERE ${where}`, ...optional].join("\n");
  return new PanelSql(source, from).of(panel);
}

/** The SQL of the values that a filter offers. */
export function valuesQuery(dataset: Dataset, column: string, views: Views): string {
  const source = new Source(dataset, views);
  return `SELECT DISTINCT ${source.as(source.choice(column), column)}\nFROM ${source.from} AS d\nORDER BY 1`;
}

/** What a dataset's names stand for. */
class Source {
  readonly dataset: Dataset;
  readonly from: string;
  readonly dialect: Dialect;

  constructor(dataset: Dataset, { dialect, schema }: Views) {
    this.dataset = dataset;
    this.dialect = dialect;
    const quoted = schema === null ? "" : `${aboutStores[dialect].dashboards.quotedName(schema)}.`;
    this.from =
      dataset.sql === undefined
        ? `${quoted}${dataset.view}`
        : `(\n${qualified(selectIn(dataset.sql, dialect), quoted)}\n)`;
  }

  get sql() {
    return aboutStores[this.dialect].dashboards;
  }

  as(expression: string, name: string): string {
    return `${expression} AS ${this.sql.quotedName(name)}`;
  }

  column(name: string): string {
    const { sql } = this.#column(name);
    return sql === undefined ? `d.${name}` : `(${sqlIn(sql, this.dialect)})`;
  }

  /** A column as a filter offers and takes it: Metabase's variables are texts. */
  choice(name: string): string {
    const isText = this.#column(name).type === "text";
    return isText ? this.column(name) : `CAST(${this.column(name)} AS ${this.sql.types.text})`;
  }

  text(name: string): string {
    return `COALESCE(${this.choice(name)}, '')`;
  }

  /** A column as it is shown. */
  shown(name: string): string {
    const isMeasured = this.#column(name).type === "number";
    return this.as(isMeasured ? finite(this.column(name)) : this.column(name), name);
  }

  measure(name: string): string {
    return sqlIn(this.dataset.measures.find((one) => one.name === name)!.sql, this.dialect);
  }

  conditions(where: Where): string {
    const literal = (value: unknown) => (typeof value === "string" ? this.sql.quotedText(value) : String(value));
    const parts = Object.entries(where).map(([name, value]) =>
      Array.isArray(value)
        ? `${this.column(name)} IN (${value.map(literal).join(", ")})`
        : `${this.column(name)} = ${literal(value)}`,
    );
    return parts.length === 0 ? "1 = 1" : parts.join(" AND ");
  }

  #column(name: string) {
    return this.dataset.columns.find((one) => one.name === name)!;
  }
}

class PanelSql {
  readonly #source: Source;
  /** FROM and WHERE. */
  readonly #from: string;

  constructor(source: Source, from: string) {
    this.#source = source;
    this.#from = from;
  }

  of(panel: DataPanel): string {
    switch (panel.kind) {
      case "gauge":
        // Or no rows would be one row of NULL.
        return this.#measured(panel.measure, "HAVING COUNT(*) > 0");
      case "number":
        return this.#measured(panel.measure);
      case "line":
        return panel.by.length === 0 ? this.#line(panel) : this.#lines(panel);
      case "compare":
        return this.#compare(panel);
      case "table": {
        const columns = panel.columns.map((name) => this.#source.shown(name)).join(",\n  ");
        const order = `${this.#source.column(panel.sort.column)}${panel.sort.descending ? " DESC" : ""}`;
        return `SELECT\n  ${columns}\n${this.#from}\nORDER BY ${order}\nLIMIT ${panel.rows}`;
      }
      case "distribution":
        return this.#distribution(panel);
    }
  }

  #measured(measure: string, having = ""): string {
    const { sql } = this.#source;
    const inner = `SELECT ${this.#source.as(this.#source.measure(measure), measure)}\n${this.#from}\n${having}`;
    return `SELECT ${this.#source.as(finite(`m.${sql.quotedName(measure)}`), measure)}\nFROM (\n${inner.trim()}\n) AS m`;
  }

  /** One row for each of what is told apart. */
  #grouped(shown: string[], by: string[], measure: string): string {
    const columns = [...shown, this.#source.as(finite(this.#source.measure(measure)), measure)];
    return `SELECT\n  ${columns.join(",\n  ")}\n${this.#from}\nGROUP BY ${by.join(", ")}`;
  }

  #line({ x, measure }: PanelOf<"line">): string {
    const column = this.#source.column(x);
    const rows = this.#grouped([this.#source.as(column, x)], [column], measure);
    return `${rows}\nORDER BY 1 DESC\nLIMIT ${LINE_POINTS}`;
  }

  /** The lines that had something last, so that a full store still draws. */
  #lines({ x, measure, by }: PanelOf<"line">): string {
    const source = this.#source;
    const columns = by.map((name) => source.column(name));
    const texts = by.map((name) => source.text(name));
    const series = texts.length === 1 ? texts[0]! : `CONCAT(${texts.join(", ', ', ")})`;
    const newest = `MAX(MAX(${source.column(source.dataset.time ?? x)})) OVER (PARTITION BY ${columns.join(", ")})`;
    const inner = this.#grouped(
      [source.as(source.column(x), x), source.as(series, SERIES), source.as(newest, "newest")],
      [source.column(x), ...columns],
      measure,
    );
    const name = source.sql.quotedName;
    const nth = `DENSE_RANK() OVER (ORDER BY g.${name("newest")} DESC, g.${name(SERIES)})`;
    const shown = [x, SERIES, measure].map(name);
    return [
      `SELECT ${shown.join(", ")}`,
      `FROM (\nSELECT ${shown.map((one) => `g.${one}`).join(", ")}, ${source.as(nth, "nth")}`,
      `FROM (\n${inner}\n) AS g\n) AS h`,
      `WHERE ${name("nth")} <= ${MOST_LINES}`,
      `ORDER BY ${name(x)} DESC, ${name(SERIES)}`,
      `LIMIT ${LINE_POINTS}`,
    ].join("\n");
  }

  #compare({ by, measure, rows }: PanelOf<"compare">): string {
    const column = this.#source.column(by);
    const grouped = this.#grouped([this.#source.as(column, by)], [column], measure);
    return `${grouped}\nORDER BY 2 DESC NULLS LAST, 1\nLIMIT ${rows}`;
  }

  /** Bins of one width, by where each begins. */
  #distribution({ column, bins }: PanelOf<"distribution">): string {
    const source = this.#source;
    // In such an order that nothing overflows, and nothing comes so close to 0 that PostgreSQL
    // refuses it.
    const width = `(r.hi / ${bins} - r.lo / ${bins})`;
    const inWidths = (x: string) => `CASE WHEN ${width} > 1 AND ABS(${x}) < 1e-9 THEN 0 ELSE ${x} / ${width} END`;
    const nth = `LEAST(FLOOR(${inWidths("v.x")} - ${inWidths("r.lo")}), ${bins - 1})`;
    // Values that only their last digit tells apart are of no width either.
    const bin = `CASE WHEN ${width} = 0 THEN 0 ELSE ${nth} END`;
    const x = finite(source.column(column));
    return [
      `WITH v AS (\nSELECT CASE WHEN ABS(${x}) < 1e-300 THEN 0 ELSE ${x} END AS x\n${this.#from}\n),`,
      "r AS (SELECT MIN(x) AS lo, MAX(x) AS hi FROM v),",
      `b AS (\nSELECT 2 * (r.lo / 2 + ${bin} * (${width} / 2)) AS x\nFROM v CROSS JOIN r\nWHERE v.x IS NOT NULL\n)`,
      `SELECT ${source.as("x", column)}, ${source.as("COUNT(*)", ROWS)}`,
      "FROM b\nGROUP BY x\nORDER BY x",
    ].join("\n");
  }
}

/** Texts, quoted names and comments, of which nothing is a name of a view. */
const APART = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\//;
const OF_VIEW =
  /(?<!\b(?:EXTRACT|TRIM|SUBSTRING|OVERLAY)\s*\([^()]*|\bDISTINCT\s+)\b(FROM|JOIN)(\s+)(?!LATERAL\b|UNNEST\b)([a-z_]\w*)\b(?!\s*[.(])/;
const VIEWS_OR_APART = new RegExp(`${APART.source}|${OF_VIEW.source}`, "gi");
/** WITH name (columns) AS MATERIALIZED ( */
const OWN = /\b([a-z_]\w*)(?:\s*\([\w\s,]*\))?\s+AS(?:(?:\s+NOT)?\s+MATERIALIZED)?\s*\(/gi;

/**
 * A SELECT that names its views with a prefix that says where they are: Metabase has no schema of
 * its own. What the text itself names (WITH name AS) stays, and so does FROM in IS DISTINCT FROM x
 * and in EXTRACT(year FROM x).
 */
export function qualified(sql: string, prefix: string): string {
  const own = new Set([...sql.matchAll(OWN)].map(([, name]) => name!.toLowerCase()));
  return sql.replace(VIEWS_OR_APART, (whole, word, space, name) =>
    name === undefined || own.has(name.toLowerCase()) ? whole : `${word}${space}${prefix}${name}`,
  );
}
