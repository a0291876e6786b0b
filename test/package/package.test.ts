/** What `npm pack` makes, in an empty project that has nothing but what the package says it needs. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../fixtures/package", import.meta.url));

interface Manifest {
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
}

let folder: string;
let project: string;
let packed: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "integraviz-package-"));
  packed = pack(join(folder, "clone"));
  project = join(folder, "project");
  install(join(folder, "clone"));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `npm pack`, but for the build: the bundles are the tests' own. */
function pack(clone: string): string[] {
  mkdirSync(clone);
  for (const part of [
    "components",
    "contract",
    "package.json",
    "README.md",
    "LICENSE",
    "tsconfig.json",
    "tsconfig.package.json",
    "test/fixtures/bundles",
  ])
    cpSync(join(ROOT, part), join(clone, part), { recursive: true });
  cpSync(join(ROOT, "test/fixtures/bundles"), join(clone, "dist/functions"), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  npm(clone, "run", "prepack");
  const [{ files }] = JSON.parse(npm(clone, "pack", "--ignore-scripts", "--json")) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Unpacks the tarball, and puts beside it what it needs and the optional peers of a stack on Google Cloud. */
function install(clone: string): void {
  const modules = join(project, "node_modules");
  mkdirSync(modules, { recursive: true });
  const tarball = readdirSync(clone).find((name) => name.endsWith(".tgz")) as string;
  execFileSync("tar", ["-xzf", join(clone, tarball), "-C", modules]);
  cpSync(join(modules, "package"), join(modules, "integraviz"), { recursive: true });
  rmSync(join(modules, "package"), { recursive: true });
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(join(modules, "integraviz/package.json"), "utf8"),
  ) as Manifest;
  const required = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  for (const name of [...Object.keys(dependencies), ...required, "@pulumi/gcp", "@types/node"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  cpSync(PROGRAM, project, { recursive: true });
}

test("it holds what is compiled and the bundles, and no sources", () => {
  expect(packed).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
  const others = packed.filter((path) => path.includes("/"));
  expect(others.filter((path) => !/^dist\/(components|contract|functions)\//.test(path))).toEqual([]);
  expect(others.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))).toEqual([]);
  expect(others).toContain("dist/functions/cloud-functions-bigquery/index.mjs");
});

test("it asks for no cloud's SDK, and for nothing that only a clone needs", () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  ) as Manifest;
  expect(Object.keys(dependencies)).toEqual(["zod"]);
  const required = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  expect(required).toEqual(["@pulumi/pulumi", "@pulumi/random"]);
});

test("a program over it type-checks, wrong settings do not, and it finds its bundles by itself", {
  timeout: 120_000,
}, () => {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", project], { encoding: "utf8" });
  expect(existsSync(join(project, "node_modules/@pulumi/aws"))).toBe(false);
  const { made, url } = JSON.parse(execFileSync(process.execPath, [join(project, "index.js")], { encoding: "utf8" }));
  expect(url).toBe("https://api.example.com");
  expect(made).toContain("gcp:cloudfunctionsv2/function:Function rpc-cloud-functions-function");
  expect(made).toContain("gcp:bigquery/dataset:Dataset storage-bigquery-dataset");
});
