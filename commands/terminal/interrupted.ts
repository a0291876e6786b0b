import { Mistake } from "../../operations/mistake.ts";
import type { OnProgress } from "../../operations/progress.ts";

/**
 * Lets Ctrl-C end long work in order: the next that is told of its progress throws, so that what
 * was begun is undone and no server is left behind. A second one ends it at once.
 */
export function untilInterrupted(onProgress: OnProgress): OnProgress {
  let isInterrupted = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => (isInterrupted = true));
  return (...progress) => {
    if (isInterrupted) throw new Mistake("It was interrupted, and nothing of it is left.");
    onProgress(...progress);
  };
}
