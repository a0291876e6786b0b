import { createHash } from "node:crypto";
import { requireSql } from "./sql-files.ts";

/** A file of a store's folder `migrations/`, named with `.sql`. */
export interface MigrationStep {
  name: string;
  text: string;
  /** SHA-256 of the text, hexadecimal. */
  hash: string;
}

/**
 * Applies what a database lacks, forward only: the numbered files once each and in order, then
 * `views.sql` when its text or anything below it has changed. `done` holds the hash of each file
 * that was applied. A database that knows a later file is left alone, with an error that says so.
 */
export async function applyPending(
  files: Record<string, string>,
  done: ReadonlyMap<string, string>,
  apply: (step: MigrationStep) => Promise<void>,
): Promise<void> {
  const numbered = Object.keys(files)
    .filter((name) => /^\d{3}-/.test(name))
    .map((name) => `${name}.sql`)
    .sort();
  const newer = [...done.keys()].find((name) => /^\d/.test(name) && !numbered.includes(name));
  if (newer !== undefined)
    throw new Error(
      `The database was migrated by a newer version (it has ${newer}). Run that version, or a newer one.`,
    );
  const pending = numbered.filter((name) => !done.has(name));
  for (const name of pending) await apply(stepOf(files, name));
  const views = stepOf(files, "views.sql");
  if (pending.length > 0 || done.get(views.name) !== views.hash) await apply(views);
}

function stepOf(files: Record<string, string>, name: string): MigrationStep {
  const text = requireSql(files, name.replace(/\.sql$/, ""));
  return { name, text, hash: createHash("sha256").update(text).digest("hex") };
}
