import type { Cursor, LoggedEvent, LogPart, Store } from "../functions/stores/store.ts";

export interface Page {
  events: LoggedEvent[];
  /** The place behind the page. */
  cursor: Cursor;
}

const EVENTS_A_PAGE = 5_000;

/** The pages of a part of a store's log, in the server's order. The next is asked for while the last is looked at. */
export async function* logPages(store: Store, part: LogPart, limit = EVENTS_A_PAGE): AsyncGenerator<Page> {
  const ask = (after: Cursor | null) => {
    const page = store.log({ ...part, after, limit });
    // One that nobody comes to fetch fails unheard.
    page.catch(() => {});
    return page;
  };
  let next = ask(part.after);
  for (;;) {
    const { events, cursor, more } = await next;
    if (more) next = ask(cursor);
    yield { events, cursor };
    if (!more) return;
  }
}
