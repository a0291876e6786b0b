import { quotedText } from "../../../functions/stores/sql-text.ts";
import type { SqlResult } from "../../../functions/stores/store.ts";
import type { Api } from "../data/api.ts";

/** Column -> the values that were chosen of it. */
export type Chosen = Readonly<Record<string, readonly string[]>>;

/** The SQL of a panel with what was chosen; a condition on what nobody chose is left out. */
export function filledIn(sql: string, chosen: Chosen): string {
  return sql.replace(/\[\[([\s\S]*?)\{\{(\w+)\}\}([\s\S]*?)\]\]/g, (_, before, column, after) => {
    const values = chosen[column];
    // Nothing chosen at all is another thing than none of those there are.
    if (values === undefined) return "";
    return `${before}${values.length === 0 ? "NULL" : values.map(quotedText).join(", ")}${after}`;
  });
}

/** Each has a connection of its own to the database. */
const MOST_AT_ONCE = 3;

export type Ask = (sql: string, signal: AbortSignal) => Promise<SqlResult>;

/** Creates what asks for the data of panels, a few at a time, in the order in which they came. */
export function createAsk(api: Pick<Api, "sql">): Ask {
  const waiting: (() => void)[] = [];
  let free = MOST_AT_ONCE;

  return async (sql, signal) => {
    if (free > 0) free--;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      signal.throwIfAborted();
      return await api.sql(sql, signal);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
