/** A loss that falls with noise, as a real one does, and four more: digits that do not compress. */
export function noisyMetrics(run: number, step: number) {
  const noise = Math.sin(step * 12.9898 + run * 78.233) * 43758.5453;
  const jitter = noise - Math.floor(noise);
  return {
    loss: 2 * Math.exp(-step / 2_000) + 0.1 * jitter,
    accuracy: 1 - Math.exp(-step / 1_500) * (0.9 + 0.1 * jitter),
    lr: 0.001 * 0.9999 ** step,
    grad_norm: 1 + jitter,
    seconds: 0.01 + 0.002 * jitter,
  };
}
