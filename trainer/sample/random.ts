export interface Random {
  /** 0 <= x < 1 */
  uniform(): number;
  /** low <= x < high */
  between(low: number, high: number): number;
  /** Of mean 0 and standard deviation 1. */
  normal(): number;
  /** The whole numbers 0..n-1 in random order. */
  order(n: number): Uint32Array;
}

/**
 * The same numbers for the same seed, everywhere: mulberry32 (T. Ettinger, public domain), and Box
 * and Muller's normals.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    order(n) {
      const order = Uint32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor(uniform() * (i + 1));
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
  };
}
