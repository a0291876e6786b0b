/**
 * Smooths by an exponential moving average with the bias of its start removed, as TensorBoard's
 * slider does: s_i = (w s_{i-1} + (1 - w) y_i) / (1 - w^n), n counting the finite values so far.
 *
 * It is computed as a step towards each value, so that a constant stays exactly what it is. A gap
 * (null) stays a gap and leaves the average as it was. `weight` 0 gives the values back; it must be
 * below 1.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (!(weight > 0)) return [...values];
  let average = 0;
  let debias = 1;
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    debias *= weight;
    average += ((1 - weight) / (1 - debias)) * (value - average);
    return average;
  });
}
