/**
 * Compiles what the npm package runs into dist/package, with each SQL file where its source reads
 * it. Run by `npm pack`, before it packs.
 */
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TARGET = join(ROOT, "dist/package");

rmSync(TARGET, { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "-p", "tsconfig.package.json"], { cwd: ROOT, stdio: "inherit" });
for (const folder of readdirSync(TARGET))
  for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }))
    if (name.endsWith(".sql")) cpSync(join(ROOT, folder, name), join(TARGET, folder, name));
