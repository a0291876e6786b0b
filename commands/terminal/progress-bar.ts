const WIDTH = 24;

/** A bar that moves on a terminal; elsewhere nothing but the lines that stay. */
export interface ProgressBar {
  /** @param total 0 where it is not known */
  at(done: number, total: number, what: string): void;
  /** A line that stays. */
  say(line: string): void;
}

export function progressBar(out: NodeJS.WriteStream): ProgressBar {
  let drawn = 0;
  out.on("error", () => {});
  return {
    at(done, total, what) {
      const now = performance.now();
      if (!out.isTTY || (now - drawn < 50 && done < total)) return;
      drawn = now;
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const full = Math.round(WIDTH * share);
      const text = `${what} ${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
      out.write(`\r\x1b[2K${text.slice(0, out.columns - 1)}`);
    },
    say(line) {
      out.write(`${drawn > 0 ? "\r\x1b[2K" : ""}${line}\n`);
      drawn = 0;
    },
  };
}
