/** Where a training is. Loss and accuracy are means over the epoch so far. */
export interface TrainPosition {
  /** From 0. */
  epoch: number;
  epochs: number;
  /** Batches done in this epoch. */
  batch: number;
  batches: number;
  loss: number;
  accuracy: number;
}

/** What a training tells whoever started it. */
export interface Reporting {
  /** Is told after each batch. */
  at(position: TrainPosition): void;
  /** Is told what is worth a line. */
  say(line: string): void;
}

/** Writes metrics as `loss 0.412  accuracy 0.871`. */
export const figures = (values: Record<string, number>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join("  ");
