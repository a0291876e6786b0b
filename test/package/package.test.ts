/** What `npm pack` makes, in an empty project that has nothing but what the package says it needs. */
import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createProgram } from "../../commands/program.ts";
import { manifest, ROOT, unpack } from "./unpacked.ts";

const PROGRAM = fileURLToPath(new URL("../fixtures/package", import.meta.url));
const { path: tarball, files: packed } = inject("tarball");
const { commands } = await createProgram();

let folder: string;
/** Somebody's Pulumi program. */
let project: string;
/** Somebody's empty folder. */
let empty: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "integraviz-package-"));
  project = join(folder, "project");
  unpack(tarball, project, ["@pulumi/pulumi", "@pulumi/random", "@pulumi/gcp", "@types/node"]);
  cpSync(PROGRAM, project, { recursive: true });
  empty = join(folder, "empty");
  unpack(tarball, empty);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("it holds what is compiled, its SQL, the page, the bundles and the Python client, and no sources", () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      "LICENSE",
      "README.md",
      "dist/functions/cloud-functions-bigquery/index.mjs",
      "dist/live/index.html",
      "dist/package/functions/stores/postgres/sql/insert.sql",
      "package.json",
      "trainer/python/integraviz.py",
    ]),
  );
  const others = packed.filter((path) => path.includes("/") && path !== "trainer/python/integraviz.py");
  expect(others.filter((path) => !/^dist\/(functions|live|package)\//.test(path))).toEqual([]);
  expect(others.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))).toEqual([]);
});

test("it brings what its commands need, and asks for no cloud's SDK and no warehouse's driver", () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest;
  expect(Object.keys(dependencies)).toEqual([
    "@commander-js/extra-typings",
    "@hono/node-server",
    "@tensorflow/tfjs-backend-wasm",
    "@tensorflow/tfjs-core",
    "@tensorflow/tfjs-layers",
    "commander",
    "fflate",
    "hono",
    "jose",
    "js-yaml",
    "pg",
    "pg-cursor",
    "zod",
  ]);
  expect(Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional)).toEqual([]);
});

describe("its code", () => {
  const sources = () => {
    const root = join(empty, "node_modules/integraviz/dist/package");
    const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
    return names.map((name) => ({ path: join(root, name), text: readFileSync(join(root, name), "utf8") }));
  };

  test("imports nothing but what it brings, its optional peers and Node", () => {
    const { dependencies, peerDependencies } = manifest;
    const declared = new Set(["integraviz", ...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
    const imported = sources()
      .flatMap(({ text }) => ts.preProcessFile(text, true, true).importedFiles)
      .map(({ fileName }) => fileName)
      .filter((name) => !/^(\.|node:)/.test(name))
      .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] as string);
    expect(imported).toContain("hono");
    expect([...new Set(imported)].filter((name) => !declared.has(name))).toEqual([]);
  });

  test("finds the files that it reads beside itself", () => {
    const read = sources().flatMap(({ path, text }) =>
      [...text.matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g)].map(([, name]) =>
        join(path, "..", name as string),
      ),
    );
    expect(read.length).toBeGreaterThan(5);
    // What comments give as an example is none.
    expect(read.filter((path) => !path.includes("<") && !existsSync(path))).toEqual([]);
  });

  const listed = commands.map((command) => command.name());
  test.each(listed)("answers integraviz %s --help without any peer", (name) => {
    const program = join(empty, "node_modules/integraviz/dist/package/commands/integraviz.js");
    const text = execFileSync(process.execPath, [program, name, "--help"], { cwd: empty, encoding: "utf8" });
    expect(text).toContain(`Usage: integraviz ${name} `);
  });
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

describe("what is not installed is asked for by name, in one line", () => {
  const KEY = {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  } as const;
  const SNOWFLAKE = "snowflake://w@o-a/d/s?warehouse=w&role=r";
  test.each([
    ["snowflake-sdk", ["copy", "--from", SNOWFLAKE, "--to", "other"]],
    ["@google-cloud/bigquery", ["export", "--from", "bigquery://p/d?location=EU", "events.jsonl"]],
    ["@duckdb/node-api", ["export", "events.parquet"]],
    ["@pulumi/pulumi", ["swap", "--stack", "aws", "storage.kind=bigquery"]],
  ])("%s", (name, args) => {
    const key = join(folder, "key.pem");
    writeFileSync(key, generateKeyPairSync("rsa", KEY).privateKey);
    const program = join(empty, "node_modules/integraviz/dist/package/commands/integraviz.js");
    const env = { ...process.env, SNOWFLAKE_PRIVATE_KEY_PATH: key };
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: empty,
      env,
      encoding: "utf8",
    });
    const range = manifest.peerDependencies[name];
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: `error: This needs the package ${name}. Install it: npm install "${name}@${range}"\n`,
    });
  });
});
