/** Does `prepare` once and keeps what it gave, but not its failure: the next caller tries again. */
export function ready<T>(prepare: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    if (known === undefined) {
      const preparing = prepare();
      known = preparing;
      preparing.catch(() => {
        known = undefined;
      });
    }
    return known;
  };
}
