/** Where a training is. Loss and accuracy are means over the epoch so far. */
export interface Position {
  epoch: number;
  epochs: number;
  /** Batches done in this epoch. */
  batch: number;
  batches: number;
  loss: number;
  accuracy: number;
}

export interface Progress {
  at(position: Position): void;
  /** A line that stays. */
  say(line: string): void;
}

const WIDTH = 24;

/** A bar that moves on a terminal; elsewhere only the lines that stay. */
export function showProgress(out: NodeJS.WriteStream): Progress {
  let bar = false;
  // A terminal that was closed is no reason to stop without a word to the server.
  out.on("error", () => {});
  return {
    at({ epoch, epochs, batch, batches, loss, accuracy }) {
      if (!out.isTTY) return;
      const text = `epoch ${epoch + 1}/${epochs} ${barOf(batch, batches)}  ${figures({ loss, accuracy })}`;
      out.write(`\r\x1b[2K${text.slice(0, out.columns - 1)}`);
      bar = true;
    },
    say(line) {
      out.write(`${bar ? "\r\x1b[2K" : ""}${line}\n`);
      bar = false;
    },
  };
}

/** How much of it is done: a bar and the figures. */
export function barOf(done: number, all: number): string {
  const filled = Math.round((WIDTH * Math.min(done, all)) / Math.max(all, 1));
  return `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${done}/${all}`;
}

export const figures = (values: Record<string, number>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join("  ");
