import { type LogRow, toLogged } from "../driver-rows.ts";
import { pageOf } from "../log-pages.ts";
import type { LogPage, LogQuery } from "../store.ts";
import { retrying } from "./retrying.ts";
import type { Read } from "./statements.ts";

const MOST = 10;

/**
 * A query whose rows are read as they are asked for, and those that came with the last page of the
 * API.
 */
interface LogRead {
  pages: AsyncGenerator<LogRow[]>;
  rows: LogRow[];
}

/**
 * Reads the log in pages by one query, since each query reads the log from its beginning: where a
 * page ends, the query is kept for who asks on from there. After it was lost, to another process or
 * a broken line, a new one begins there.
 */
export function openLogReads(read: Read, times: { deadlineMs: number }): (query: LogQuery) => Promise<LogPage> {
  const kept = new Map<string, LogRead>();
  return ({ after, before, project = null, run = null, limit }) => {
    const readKey = (from: string) => JSON.stringify([from, before, project, run]);
    return retrying(async () => {
      const begin = after ?? "0";
      const one = kept.get(readKey(begin)) ?? { pages: read("log", { after: begin, before, project, run }), rows: [] };
      kept.delete(readKey(begin));
      const { rows } = one;
      // A position whose rows fill the page is given with all of them.
      while (rows.length <= limit || rows[limit]?.pos === rows[0]?.pos) {
        const { value, done } = await one.pages.next();
        if (done) break;
        rows.push(...(value as LogRow[]));
      }
      const { page, ...rest } = pageOf(rows, limit, before);
      if (rest.more) kept.set(readKey(rest.cursor), { ...one, rows: rows.slice(page.length) });
      const oldest = kept.keys().next().value;
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
      return { events: page.map(toLogged), ...rest };
    }, times);
  };
}
