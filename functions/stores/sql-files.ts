import { readdirSync, readFileSync } from "node:fs";

/**
 * The SQL files of a folder by name, without `.sql`. `functions/build/build.ts` puts their text in
 * the place of the call, so it must read `sqlFiles(new URL("<folder>/", import.meta.url))` to the
 * letter.
 */
export function sqlFiles(folder: URL): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return Object.fromEntries(names.map((name) => [name.slice(0, -4), readFileSync(new URL(name, folder), "utf8")]));
}

/** Returns the text of each statement by its name: `tagSeq` stands in `tag-seq.sql`. */
export function statementTexts<Name extends string>(
  files: Record<string, string>,
  names: readonly Name[],
): Record<Name, string> {
  const fileOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return Object.fromEntries(names.map((name) => [name, requireSql(files, fileOf(name))])) as Record<Name, string>;
}

export function requireSql(files: Record<string, string>, name: string): string {
  const text = files[name];
  if (text === undefined) throw new Error(`There is no ${name}.sql.`);
  return text;
}
