import type { EventsPage } from "../store.ts";

export interface HorizonTimes {
  /** How old a position in the log must be before a reader looks at it. */
  settleMs: number;
  /** How often the log is looked at. */
  pollMs: number;
}

/**
 * The position (µs since 1970) below which nothing new can appear, moved on every `pollMs` only. A
 * reader who has come there is answered without a query, and readers at the same position share
 * one.
 */
export function horizonAt(now: number, { settleMs, pollMs }: HorizonTimes): number {
  return Math.floor((now - settleMs) / pollMs) * pollMs * 1000;
}

/** Calls back each time the horizon has moved, for as long as somebody wants to know. */
export function openTicker({ settleMs, pollMs }: HorizonTimes) {
  const wakes = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  const next = () => {
    timer = undefined;
    if (wakes.size === 0) return;
    timer = setTimeout(
      () => {
        for (const wake of wakes) wake();
        next();
      },
      pollMs - ((Date.now() - settleMs) % pollMs),
    );
  };
  return {
    add(wake: () => void): () => void {
      wakes.add(wake);
      if (timer === undefined) next();
      return () => {
        wakes.delete(wake);
        if (wakes.size === 0) this.close();
      };
    },
    close(): void {
      wakes.clear();
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** The latest pages, so that readers who ask for the same do it once. */
export function openPages(most = 100) {
  const pages = new Map<string, Promise<EventsPage>>();
  return (key: string, read: () => Promise<EventsPage>): Promise<EventsPage> => {
    const known = pages.get(key);
    if (known !== undefined) return known;
    const page = read();
    pages.set(key, page);
    page.catch(() => pages.delete(key));
    const oldest = pages.keys().next().value;
    if (pages.size > most && oldest !== undefined) pages.delete(oldest);
    return page;
  };
}
