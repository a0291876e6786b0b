import { type EventRow, toStreamed } from "../driver-rows.ts";
import { EVENTS_PAGE_BYTES, pageWithinBytes } from "../log-pages.ts";
import type { EventsPage, EventsQuery } from "../store.ts";
import type { Ask } from "./statements.ts";

/**
 * How far apart two rows of one event lie at the most, when both were sent before either could be
 * looked up or while nothing could be. To look further back costs nothing more within the day,
 * which is a partition.
 */
const TWICE_WITHIN_MS = 600_000;
const CLOCKS_DIFFER_MS = 60_000;
const PAGES_KEPT = 100;

/**
 * Creates the reading of streams. A reader at the horizon is answered without a query, and readers
 * who ask for the same page share one.
 */
export function createEventPages(ask: Ask, horizon: () => number): (query: EventsQuery) => Promise<EventsPage> {
  const pages = new Map<string, Promise<EventsPage>>();

  const readPage = async (query: EventsQuery, before: number): Promise<EventsPage> => {
    const { project, after, runs = [], limit } = query;
    const since = Math.max(0, Number(after) - TWICE_WITHIN_MS * 1000);
    const bytes = EVENTS_PAGE_BYTES;
    const rows = await ask<EventRow>("events", { project, after, before, since, runs, limit: limit + 1, bytes });
    const { page, ...rest } = pageWithinBytes(rows, { limit, bytes, end: String(before) });
    return { events: page.map(toStreamed), ...rest };
  };

  const shared = (query: EventsQuery, before: number): Promise<EventsPage> => {
    const key = JSON.stringify([query, before]);
    const known = pages.get(key);
    if (known !== undefined) return known;
    const page = readPage(query, before);
    pages.set(key, page);
    page.catch(() => pages.delete(key));
    const oldest = pages.keys().next().value;
    if (pages.size > PAGES_KEPT && oldest !== undefined) pages.delete(oldest);
    return page;
  };

  return async (query) => {
    const before = horizon();
    const after = Number(query.after);
    if (after < before) return shared(query, before);
    // A position that lies in the future is one of another log.
    const isOther = after > (Date.now() + CLOCKS_DIFFER_MS) * 1000;
    return { events: [], cursor: isOther ? String(before) : query.after, more: false };
  };
}
