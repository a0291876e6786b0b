import { createSmoother } from "../../../functions/stores/smoothing.ts";

/**
 * Smooths values that are all there are. A gap (null) stays a gap and leaves the average as it was.
 * `weight` 0 gives the values back; it must be below 1.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (!(weight > 0)) return [...values];
  const next = createSmoother(weight);
  return values.map((value) => (value === null || !Number.isFinite(value) ? null : next(value)));
}
