export interface Expiring<T> {
  value: T;
  /** ms since 1970. */
  until: number;
}

const EARLY_MS = 5 * 60_000;

/**
 * Keeps what it got until shortly before it expires; those who ask meanwhile share one answer. A
 * failure is not kept.
 */
export function kept<T>(load: () => Promise<Expiring<T>>): () => Promise<T> {
  let known: Promise<Expiring<T>> | undefined;
  let until = 0;
  return async () => {
    if (known === undefined || until - EARLY_MS < Date.now()) {
      until = Number.POSITIVE_INFINITY;
      const loading = load();
      known = loading;
      loading.then(
        (fresh) => {
          until = fresh.until;
        },
        () => {
          known = undefined;
        },
      );
    }
    return (await known).value;
  };
}
