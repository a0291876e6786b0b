import { createHash } from "node:crypto";

/**
 * What brings a database up to date. A file of `migrations/` is run once and never changed again.
 * What stands in `repeatable/` is changed in its own text and run again: the views, with what they
 * stand on, when that text has changed or a file was run below them; the rest at every migration.
 */
export interface Migrations {
  /** The files of `migrations/` by name, without `.sql`. */
  numbered: Record<string, string>;
  /** One text: it is run as one step. */
  views: string;
}

/** A step as it is written down in the database that it was applied to. */
export interface MigrationStep {
  /** `NNN-name.sql` or `views.sql`. */
  name: string;
  text: string;
  /** SHA-256 of the text, hexadecimal. */
  hash: string;
}

/**
 * Applies what a database lacks, forward only: the numbered files once each and in order, then the
 * views when their text or anything below them has changed. `done` holds the hash of each step that
 * was applied. A database that knows a later file is left alone, with an error that says so.
 */
export async function applyPending(
  { numbered, views }: Migrations,
  done: ReadonlyMap<string, string>,
  apply: (step: MigrationStep) => Promise<void>,
): Promise<void> {
  const steps = Object.keys(numbered)
    .sort()
    .map((name) => stepOf(`${name}.sql`, numbered[name] as string));
  const newer = [...done.keys()].find((name) => /^\d/.test(name) && !steps.some((step) => step.name === name));
  if (newer !== undefined)
    throw new Error(
      `The database was migrated by a newer version (it has ${newer}). Run that version, or a newer one.`,
    );
  const pending = steps.filter(({ name }) => !done.has(name));
  for (const step of pending) await apply(step);
  const last = stepOf("views.sql", views);
  if (pending.length > 0 || done.get(last.name) !== last.hash) await apply(last);
}

function stepOf(name: string, text: string): MigrationStep {
  return { name, text, hash: createHash("sha256").update(text).digest("hex") };
}
