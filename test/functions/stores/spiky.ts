/** A slow wave, noise that is the same each time, and a spike of 10 in every 37 points. */
export const spiky = (index: number, seed = 0): number =>
  Math.sin(index / 900 + seed) + (((index * 7919 + seed * 31) % 101) - 50) / 200 + (index % 37 === 5 ? 10 : 0);
