/** Vitest's global set-up for the package: `npm pack` once, of a copy of this project. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { PACKAGED_FOLDERS } from "../packaged-folders.ts";

declare module "vitest" {
  export interface ProvidedContext {
    tarball: Tarball;
  }
}

/** What `npm pack` made. */
export interface Tarball {
  path: string;
  /** The paths of the files in it. */
  files: string[];
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What the package is made of. */
const SOURCES = [
  ...PACKAGED_FOLDERS,
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "package.json",
  "tsconfig.json",
  "tsconfig.package.json",
  "dist/live",
];

export default function setUp(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "integraviz-tarball-"));
  project.provide("tarball", pack(folder));
  return () => rmSync(folder, { recursive: true, force: true });
}

/** `npm pack`, but for the build: the bundles are the tests' own. */
function pack(folder: string): Tarball {
  const clone = join(folder, "clone");
  mkdirSync(clone);
  for (const part of SOURCES) cpSync(join(ROOT, part), join(clone, part), { recursive: true });
  cpSync(join(ROOT, "test/fixtures/bundles"), join(clone, "dist/functions"), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  npm(clone, "run", "prepack");
  const answer = npm(clone, "pack", "--ignore-scripts", "--json", "--pack-destination", folder);
  const [{ filename, files }] = JSON.parse(answer) as [{ filename: string; files: { path: string }[] }];
  return { path: join(folder, filename), files: files.map(({ path }) => path) };
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
