import type pg from "pg";
import { type CustomMetric, inOrder, type MetricMistake, nameProblem, unionOf } from "../custom-metrics.ts";

const ROLES = "integraviz_writer, integraviz_reader";
const MARK = "A custom metric.";

/**
 * Makes a view of each custom metric, and `custom_metrics` of all. One that has a mistake is
 * reported and spoils no other; where an older text of it stood, that stays. The views of files
 * that are gone go too. All are dropped first: one that another is made of takes it along.
 */
export async function applyCustomMetrics(client: pg.Client, metrics: CustomMetric[]): Promise<MetricMistake[]> {
  const mistakes: MetricMistake[] = [];
  await client.query("BEGIN");
  await client.query("DROP VIEW IF EXISTS custom_metrics");
  const older = await standingViews(client);
  for (const name of older.keys()) await client.query(`DROP VIEW IF EXISTS ${client.escapeIdentifier(name)} CASCADE`);
  for (const metric of inOrder(metrics)) {
    const error = await errorOf(client, metric);
    if (error === null) continue;
    mistakes.push(mistakeOf(metric, error));
    const sql = older.get(metric.name);
    if (sql !== undefined) await errorOf(client, { ...metric, sql });
  }
  const made = await standingViews(client);
  await client.query(`CREATE VIEW custom_metrics AS ${unionOf([...made.keys()])}`);
  await client.query(`GRANT SELECT ON custom_metrics TO ${ROLES}`);
  await client.query("COMMIT");
  return mistakes;
}

/** Makes the view, or leaves everything as it was and gives the reason. */
async function errorOf(client: pg.Client, metric: CustomMetric): Promise<(Error & { position?: string }) | null> {
  await client.query("SAVEPOINT metric");
  try {
    await makeView(client, metric);
    await client.query("RELEASE SAVEPOINT metric");
    return null;
  } catch (error) {
    await client.query("ROLLBACK TO SAVEPOINT metric");
    return error as Error & { position?: string };
  }
}

const CREATE = (view: string) => `CREATE VIEW ${view} AS\n`;

async function makeView(client: pg.Client, { name, sql }: CustomMetric): Promise<void> {
  const problem = nameProblem(name, await isTaken(client, name));
  if (problem !== null) throw new Error(problem);
  // Its arithmetic is that of 011-safe-arithmetic.sql and 013-safe-functions.sql.
  await client.query("SET LOCAL search_path = integraviz, pg_catalog");
  // By the extended protocol, which takes one statement only.
  await client.query({ text: CREATE(name) + sql, queryMode: "extended" } as pg.QueryConfig);
  await client.query("SET LOCAL search_path = integraviz");
  // Fails where a column is missing, or of a type that the metrics' own does not go with.
  await client.query(`${unionOf(["metrics", name])} LIMIT 0`);
  await client.query(`COMMENT ON VIEW ${name} IS '${MARK}'`);
  await client.query(`GRANT SELECT ON ${name} TO ${ROLES}`);
}

/** Custom metrics that are there, and their texts. */
async function standingViews(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; text: string }>(
    `SELECT relname AS name, pg_get_viewdef(oid) AS text FROM pg_class
     WHERE relnamespace = 'integraviz'::regnamespace AND relkind = 'v' AND obj_description(oid, 'pg_class') = $1
     ORDER BY relname`,
    [MARK],
  );
  return new Map(rows.map(({ name, text }) => [name, text]));
}

/** By what is no custom metric: those are gone by now, or made anew under names of their own. */
async function isTaken(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query("SELECT FROM pg_class WHERE oid = to_regclass($1)", [name]);
  return rows.length > 0;
}

function mistakeOf(
  { name, file, sql }: CustomMetric,
  { message, position }: Error & { position?: string },
): MetricMistake {
  const at = position === undefined ? -1 : Number(position) - 1 - CREATE(name).length;
  const isInText = at >= 0 && at <= sql.length;
  return { file, line: isInText ? sql.slice(0, at).split("\n").length : null, message };
}
