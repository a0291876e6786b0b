/** The package in somebody's project without a registry: what it needs is linked from this one's node_modules. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Manifest {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
}

export const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;

/** Unpacks the tarball into a project, with all that comes with it and the peers that are named. */
export function unpack(tarball: string, project: string, peers: string[] = []): void {
  const modules = join(project, "node_modules");
  mkdirSync(modules, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", modules]);
  renameSync(join(modules, "package"), join(modules, "integraviz"));
  const { dependencies, optionalDependencies } = manifest;
  const there = Object.keys(optionalDependencies).filter((name) => existsSync(join(ROOT, "node_modules", name)));
  for (const name of [...Object.keys(dependencies), ...there, ...peers]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
}
