import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll } from "vitest";
import { aloneFolder } from "./bundle-process.ts";

/** The bundles of a folder, each alone in one of its own; what `undo` holds is done after the file's tests. */
export function aloneBundles(built: string) {
  const undo: (() => Promise<unknown>)[] = [() => rm(built, { recursive: true, force: true })];
  afterAll(async () => {
    for (const one of undo) await one();
  });
  const alone = async (name: string): Promise<string> => {
    const { file, remove } = await aloneFolder(join(built, name, "index.mjs"));
    undo.push(remove);
    return file;
  };
  return { undo, alone };
}
