import type { Cursor, LoggedEvent, LogPart, Store } from "../../functions/stores/store.ts";

export interface Page {
  events: LoggedEvent[];
  /** The place behind the page. */
  cursor: Cursor;
}

const FIRST_PAGE = 500;
const EVENTS_A_PAGE = 5_000;
const LETTERS_A_PAGE = 16 * 1024 * 1024;

/**
 * The pages of a part of a store's log, in the server's order, each as long as the logs of the one
 * before let it be. The next is asked for while the last is looked at.
 */
export async function* logPages(store: Store, part: LogPart): AsyncGenerator<Page> {
  let limit = FIRST_PAGE;
  const ask = (after: Cursor | null) => {
    const page = store.log({ ...part, after, limit });
    // One that nobody comes to fetch fails unheard.
    page.catch(() => {});
    return page;
  };
  let next = ask(part.after);
  for (;;) {
    const { events, cursor, more } = await next;
    const letters = events.reduce((sum, { logs }) => sum + (logs?.length ?? 0), 1);
    limit = Math.ceil(Math.min(EVENTS_A_PAGE, 4 * limit, (LETTERS_A_PAGE * events.length) / letters) || 1);
    if (more) next = ask(cursor);
    yield { events, cursor };
    if (!more) return;
  }
}
