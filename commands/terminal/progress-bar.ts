const WIDTH = 24;
const FRAME_MS = 50;

/** A bar that moves on a terminal; elsewhere nothing but the lines that stay. */
export interface ProgressBar {
  /**
   * Draws how far it is, at most every 50 ms.
   * @param total 0 where it is not known
   * @param more what stands behind the bar
   */
  at(done: number, total: number, what: string, more?: string): void;
  /** Prints a line that stays. */
  say(line: string): void;
  /** Takes the bar off the terminal. */
  clear(): void;
}

export function progressBar(out: NodeJS.WriteStream): ProgressBar {
  let drawn: number | null = null;
  // A terminal that was closed is no reason to stop.
  out.on("error", () => {});
  const clear = () => {
    if (drawn !== null) out.write("\r\x1b[2K");
    drawn = null;
  };
  return {
    at(done, total, what, more = "") {
      const now = performance.now();
      if (!out.isTTY || (drawn !== null && now - drawn < FRAME_MS && done < total)) return;
      drawn = now;
      out.write(`\r\x1b[2K${barText(done, total, what, more).slice(0, out.columns - 1)}`);
    },
    say(line) {
      clear();
      out.write(`${line}\n`);
    },
    clear,
  };
}

function barText(done: number, total: number, what: string, more: string): string {
  const count = (n: number) => n.toLocaleString("en");
  if (total === 0) return `${what} ${count(done)}`;
  const filled = Math.round(WIDTH * Math.min(1, done / total));
  return `${what} ${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${count(done)} of ${count(total)}  ${more}`.trimEnd();
}
