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

export function requireSql(files: Record<string, string>, name: string): string {
  const text = files[name];
  if (text === undefined) throw new Error(`There is no ${name}.sql.`);
  return text;
}
