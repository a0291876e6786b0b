import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cursor } from "../../functions/stores/store.ts";

/** How far a copy has come, in a file, so that a copy that was killed goes on from there. */
export interface Checkpoint {
  readonly file: string;
  /** All that lies before it is in the target; null at the beginning. */
  read(): Cursor | null;
  write(cursor: Cursor): void;
  remove(): void;
}

/** @param from @param to the places' names: a copy between other places has another checkpoint */
export function openCheckpoint(folder: string, from: string, to: string): Checkpoint {
  const pair = createHash("sha256").update(`${from}\n${to}`).digest("hex").slice(0, 12);
  const file = join(folder, `copy-${pair}.json`);
  return {
    file,
    read: () => (existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { cursor: Cursor }).cursor : null),
    write(cursor) {
      mkdirSync(folder, { recursive: true });
      // Renamed into place, so that a copy that is killed here leaves the one before.
      writeFileSync(`${file}.new`, JSON.stringify({ from, to, cursor }));
      renameSync(`${file}.new`, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}
