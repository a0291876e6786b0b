/**
 * Compiles what the npm package runs into dist/package, with each SQL file where its source reads
 * it. Run by `npm pack`, before it packs.
 */
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** @param folder where to, in place of what is there */
export function compilePackage(folder = join(ROOT, "dist/package")): void {
  rmSync(folder, { recursive: true, force: true });
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const args = [tsc, "-p", "tsconfig.package.json", "--outDir", folder];
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
  for (const part of readdirSync(folder))
    for (const name of readdirSync(join(ROOT, part), { recursive: true, encoding: "utf8" }))
      if (name.endsWith(".sql")) cpSync(join(ROOT, part, name), join(folder, part, name));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) compilePackage();
