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
      const done = Math.round((WIDTH * batch) / batches);
      const text = `epoch ${epoch + 1}/${epochs} ${"█".repeat(done)}${"░".repeat(WIDTH - done)} ${batch}/${batches}  ${figures({ loss, accuracy })}`;
      out.write(`\r\x1b[2K${text.slice(0, out.columns - 1)}`);
      bar = true;
    },
    say(line) {
      out.write(`${bar ? "\r\x1b[2K" : ""}${line}\n`);
      bar = false;
    },
  };
}

export const figures = (values: Record<string, number>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(3)}`)
    .join("  ");
