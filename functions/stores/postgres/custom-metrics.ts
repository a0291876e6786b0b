import type pg from "pg";
import { type CustomMetric, type MetricMistake, nameProblem, unionOf } from "../custom-metrics.ts";

const ROLES = "integraviz_writer, integraviz_reader";
const MARK = "A custom metric.";

/**
 * Makes a view of each custom metric, and `custom_metrics` of all. One that has a mistake is reported and spoils no
 * other; where an older text of it stood, that stays. The views of files that are gone go too.
 */
export async function applyCustomMetrics(client: pg.Client, metrics: CustomMetric[]): Promise<MetricMistake[]> {
  const mistakes: MetricMistake[] = [];
  await client.query("BEGIN");
  await client.query("DROP VIEW IF EXISTS custom_metrics");
  const standing = new Set(await standingViews(client));
  for (const { name } of metrics) standing.delete(name);
  for (const name of standing) await client.query(`DROP VIEW ${client.escapeIdentifier(name)} CASCADE`);
  for (const metric of metrics) {
    await client.query("SAVEPOINT metric");
    try {
      await makeView(client, metric);
      await client.query("RELEASE SAVEPOINT metric");
    } catch (error) {
      mistakes.push(mistakeOf(metric, error as Error & { position?: string }));
      await client.query("ROLLBACK TO SAVEPOINT metric");
    }
  }
  await client.query(`CREATE VIEW custom_metrics AS ${unionOf(await standingViews(client))}`);
  await client.query(`GRANT SELECT ON custom_metrics TO ${ROLES}`);
  await client.query("COMMIT");
  return mistakes;
}

const CREATE = (view: string) => `CREATE VIEW ${view} AS\n`;

async function makeView(client: pg.Client, { name, sql }: CustomMetric): Promise<void> {
  const problem = nameProblem(name, await isTaken(client, name));
  if (problem !== null) throw new Error(problem);
  await client.query(`DROP VIEW IF EXISTS ${name} CASCADE`);
  // By the extended protocol, which takes one statement only.
  await client.query({ text: CREATE(name) + sql, queryMode: "extended" } as pg.QueryConfig);
  // Fails where a column is missing, or of a type that the metrics' own does not go with.
  await client.query(`${unionOf(["metrics", name])} LIMIT 0`);
  await client.query(`COMMENT ON VIEW ${name} IS '${MARK}'`);
  await client.query(`GRANT SELECT ON ${name} TO ${ROLES}`);
}

async function standingViews(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'integraviz'::regnamespace AND relkind = 'v' AND obj_description(oid, 'pg_class') = $1
     ORDER BY relname`,
    [MARK],
  );
  return rows.map(({ name }) => name);
}

async function isTaken(client: pg.Client, name: string): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT FROM pg_class WHERE oid = to_regclass($1) AND coalesce(obj_description(oid, 'pg_class'), '') <> $2",
    [name, MARK],
  );
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
