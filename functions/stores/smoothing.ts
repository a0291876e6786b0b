/** Where an average stands: its value, and of how many finite values it is one. */
export interface Average {
  value: number;
  count: number;
}

/**
 * Creates an exponential moving average with the bias of its start removed, as TensorBoard's slider
 * and W&B's "exponential moving average" have it: s_i = (w s_{i-1} + (1 - w) y_i) / (1 - w^n), n
 * counting the finite values so far. It gives NaN for what is not finite, and stays as it was.
 *
 * It is computed as a step towards each value, so that a constant stays exactly what it is.
 * @param weight above 0 and below 1
 * @param from where to go on
 */
export function createSmoother(weight: number, from: Average = { value: 0, count: 0 }): (value: number) => number {
  let average = from.value;
  let bias = weight ** from.count;
  return (value) => {
    if (!Number.isFinite(value)) return Number.NaN;
    bias *= weight;
    const share = (1 - weight) / (1 - bias);
    // The difference of two may be beyond the doubles.
    const step = share * (value - average);
    average = Number.isFinite(step) ? average + step : (1 - share) * average + share * value;
    return average;
  };
}
