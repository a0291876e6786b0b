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

/** From anywhere within the ms on, so that processes seldom give the same positions. */
export function createClock(): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.floor((Date.now() + Math.random()) * 1000));
    return last;
  };
}
