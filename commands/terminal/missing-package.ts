import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

interface Manifest {
  version: string;
  peerDependencies: Record<string, string>;
}

/** Reads package.json of this package: the clone's, or that of the installed one. */
export function manifest(): Manifest {
  const path = createRequire(import.meta.url).resolve("integraviz/package.json");
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}

/**
 * Explains an import that failed because an optional peer is not installed: clouds' SDKs and
 * drivers are asked for when a command needs them. Returns null for any other error.
 */
export function missingPackage(error: unknown): string | null {
  const { code, message = "" } = error as NodeJS.ErrnoException;
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") return null;
  const specifier = /Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1] ?? "";
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? "";
  const range = manifest().peerDependencies[name];
  return range === undefined ? null : `This needs the package ${name}. Install it: npm install "${name}@${range}"`;
}
