/**
 * The newest mark of an append, asked at most once in `pollMs` however many want to know. While
 * someone watches it is asked that often: 720 questions of metadata an hour at 5 s, for which no
 * warehouse runs. Snowflake bills such questions only where they come to more than a tenth of the
 * day's compute. For a minute after the last append the events are asked for as well, and the
 * warehouse stays awake for them.
 */
export interface NewestMark {
  latest(): Promise<bigint | null>;
  /** What was known is out of date: this process appended. */
  moved(): void;
  watch(wake: () => void): () => void;
  close(): void;
}

export function openNewestMark(read: () => Promise<bigint | null>, pollMs: number): NewestMark {
  const wakes = new Set<() => void>();
  let known: { at: number; mark: Promise<bigint | null> } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let seen: bigint | null | undefined;

  const latest = (): Promise<bigint | null> => {
    if (known === null || Date.now() - known.at >= pollMs) {
      const mark = read();
      const mine = { at: Date.now(), mark };
      known = mine;
      mark.catch(() => {
        if (known === mine) known = null;
      });
    }
    return known.mark;
  };
  const poll = async (): Promise<void> => {
    // The database is away: asked again in a while.
    const mark = await latest().catch(() => seen);
    if (mark !== seen) {
      seen = mark;
      for (const wake of wakes) wake();
    }
    if (wakes.size > 0) timer = setTimeout(() => void poll(), pollMs);
    else timer = undefined;
  };

  return {
    latest,
    moved() {
      known = null;
    },
    watch(wake) {
      wakes.add(wake);
      if (wakes.size === 1 && timer === undefined) timer = setTimeout(() => void poll(), 0);
      return () => wakes.delete(wake);
    },
    close() {
      wakes.clear();
      clearTimeout(timer);
    },
  };
}
