import {
  type ColumnKind,
  CUSTOM_COLUMNS,
  type CustomMetric,
  inOrder,
  type MetricMistake,
  nameProblem,
  unionOf,
} from "./custom-metrics.ts";

/**
 * What custom metrics need of a database that cannot take a definition back: each text is tried
 * before it counts.
 */
export interface MetricViews {
  /** Tables and views that are there, in lower case. */
  names(): Promise<Set<string>>;
  /** Custom metrics that were made once; one whose making was broken off may not be there. */
  made(): Promise<Set<string>>;
  remember(name: string): Promise<void>;
  forget(name: string): Promise<void>;
  /**
   * What a query gives, which is compiled as one of this name and not run. Other kinds of column
   * are null.
   */
  columns(name: string, sql: string): Promise<Map<string, ColumnKind | null>>;
  create(name: string, sql: string): Promise<void>;
  drop(name: string): Promise<void>;
  /**
   * What an error says of the text, whose first line is line 1; null where the error is about
   * something else.
   */
  mistakeIn(error: unknown): { line: number | null; message: string } | null;
}

/**
 * Makes a view of each custom metric, and `custom_metrics` of all. One that has a mistake is
 * reported and spoils no other; where an older text of it stood, that stays. The views of files
 * that are gone go too.
 */
export async function applyMetricViews(views: MetricViews, metrics: CustomMetric[]): Promise<MetricMistake[]> {
  const mistakes: MetricMistake[] = [];
  const names = await views.names();
  const made = await views.made();
  const usable = new Set<string>();
  const kept = new Set(metrics.map(({ name }) => name));
  const gone = [...made].filter((name) => !kept.has(name));
  // A view of all is no longer made of these, for the moment of none.
  if (gone.length > 0) await views.create("custom_metrics", unionOf([]));
  for (const name of gone) {
    await views.drop(name);
    await views.forget(name);
  }
  for (const { name, file, sql } of inOrder(metrics)) {
    const problem =
      nameProblem(name, names.has(name) && !made.has(name)) ??
      (await mistakeOf(views, sql, async () => {
        checkColumns(await views.columns(name, sql));
        if (!made.has(name)) await views.remember(name);
        await views.create(name, sql);
      }));
    if (problem === null) usable.add(name);
    else mistakes.push({ file, ...(typeof problem === "string" ? { line: null, message: problem } : problem) });
    // The older one may have been made of what is there no longer.
    if (problem !== null && made.has(name) && names.has(name)) {
      const isBroken = await mistakeOf(views, "", () => views.columns("older", `SELECT * FROM ${name}`));
      if (isBroken === null) usable.add(name);
    }
  }
  await views.create("custom_metrics", unionOf([...usable]));
  return mistakes;
}

class WrongColumn extends Error {}

function checkColumns(columns: Map<string, ColumnKind | null>): void {
  for (const [name, kind] of Object.entries(CUSTOM_COLUMNS)) {
    if (columns.get(name) !== kind) throw new WrongColumn(`${name} has to be a ${kind}.`);
  }
}

async function mistakeOf(
  views: MetricViews,
  sql: string,
  work: () => Promise<unknown>,
): Promise<{ line: number | null; message: string } | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof WrongColumn) return { line: null, message: error.message };
    const mistake = views.mistakeIn(error);
    if (mistake === null) throw error;
    const isInText = mistake.line !== null && mistake.line >= 1 && mistake.line <= sql.split("\n").length;
    return isInText ? mistake : { ...mistake, line: null };
  }
}
