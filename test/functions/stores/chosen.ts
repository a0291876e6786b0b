/** `STORES=postgres,snowflake npm test` tries those stores only. */
import { existsSync, readdirSync } from "node:fs";

/** The stores that the suites know: each has a subject here. */
export const KNOWN: readonly string[] = readdirSync(new URL(".", import.meta.url)).filter(
  (name) => name !== "store-suite" && existsSync(new URL(`./${name}/subject.ts`, import.meta.url)),
);

/** Reads a list of stores with commas in between; all where there is none. Throws with the fix for an unknown one. */
export function readStores(text: string | undefined): readonly string[] {
  const names = (text ?? "").split(",").flatMap((name) => name.trim() || []);
  const unknown = names.find((name) => !KNOWN.includes(name));
  if (unknown === undefined) return names.length === 0 ? KNOWN : names;
  throw new Error(`STORES=${text}: there is no store "${unknown}". Those there are: ${KNOWN.join(", ")}.`);
}

/** Says whether a store is to be tried in this run. */
export const isChosen = (store: string): boolean => readStores(process.env.STORES).includes(store);

/** Lists the globs of the files that test one store alone, of those that are not to be tried. */
export const othersFiles = (): string[] =>
  KNOWN.filter((name) => !isChosen(name)).map((name) => `test/functions/stores/${name}/**`);
