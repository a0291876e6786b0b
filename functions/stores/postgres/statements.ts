import type pg from "pg";
import { numbered, orderedValues, type Values } from "../named-parameters.ts";
import { SHARED_STATEMENTS } from "../reads.ts";
import { requireSql, sqlFiles, statementTexts } from "../sql-files.ts";

const files = sqlFiles(new URL("./sql/", import.meta.url));
const read = (name: string): string => requireSql(files, name);

const given = `WITH given AS (${read("given-events")})`;
const insert = read("insert");

/** The SQL of this store, one file a statement. */
const texts = {
  /** All of the events, or an error where one stands there already or is of a purged run. */
  append: `${given}, stored AS (${insert} ${read("unless-purged")}) ${read("append-pending")}`,
  /**
   * Those that do not stand there yet and are of no purged run, and the transaction that stored
   * them.
   */
  appendMissing: `${given}, stored AS (${insert} ${read("without-purged")} ON CONFLICT (project, event_id) DO NOTHING RETURNING pos)
    SELECT max(pos) >> 20 AS transaction FROM stored`,
  compare: `${given} ${read("compare")}`,
  ...statementTexts(files, SHARED_STATEMENTS),
  ...statementTexts(files, [
    ...(["control", "events", "log", "logEnd", "raiseOrigin", "deniedTokens", "denyToken"] as const),
    ...([
      "chunkWindow",
      "chunkSeal",
      "linesExtend",
      "seriesMarks",
      "seriesRollups",
      "seriesPoints",
      "seriesTail",
    ] as const),
    ...(["purgeTargets", "purgeTombstone", "purgeBatch"] as const),
  ]),
} as const;
export type StatementName = keyof typeof texts;

const names = Object.keys(texts) as StatementName[];
const statements = Object.fromEntries(names.map((name) => [name, numbered(texts[name], "$")]));

/**
 * A statement of this store with its values, prepared once a connection: once for each sort, as a
 * plan that is good for all of them would sort all rows.
 */
export function queryOf(name: StatementName, values: Values = {}): pg.QueryConfig {
  const statement = statements[name] as ReturnType<typeof numbered>;
  return {
    name: "sort" in values ? `${name} ${values.sort}` : name,
    text: statement.text,
    values: orderedValues(statement, values),
  };
}
