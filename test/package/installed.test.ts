/** The package where somebody installs it: `npm install` of the tarball in an empty folder, from the registry. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Endpoint } from "../../embedded/stack.ts";

const { path: tarball } = inject("tarball");
const NO_REGISTRY = "needs a registry of npm packages, which does not answer here";
/** What `npm install` may put on a disk; a clone has 861 MB. */
const MOST_BYTES = 300e6;
/** The install, on a slow line. */
const INSTALL_MS = 240_000;

const folder = mkdtempSync(join(tmpdir(), "integraviz-installed-"));
const hasRegistry = registryAnswers();
let gateway: ChildProcess | undefined;

beforeAll(() => {
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  if (hasRegistry) npm("install", tarball, "--no-audit", "--no-fund", "--prefer-offline");
}, INSTALL_MS);
afterAll(async () => {
  if (gateway?.exitCode === null && gateway.signalCode === null) {
    const ended = once(gateway, "exit");
    gateway.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function registryAnswers(): boolean {
  try {
    npm("view", "zod", "version", "--fetch-retries=0", "--fetch-timeout=10000");
    return true;
  } catch {
    return false;
  }
}

function npm(...args: string[]): string {
  return execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function bytesIn(path: string): number {
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  return names.reduce((sum, name) => sum + lstatSync(join(path, name)).size, 0);
}

const bin = () => join(folder, "node_modules/.bin/integraviz");

test("it installs in less than 300 MB", ({ skip }) => {
  skip(!hasRegistry, NO_REGISTRY);
  const bytes = bytesIn(join(folder, "node_modules"));
  expect(bytes).toBeGreaterThan(10e6);
  expect(bytes).toBeLessThan(MOST_BYTES);
});

test("integraviz --help lists the commands", ({ skip }) => {
  skip(!hasRegistry, NO_REGISTRY);
  const text = execFileSync(bin(), ["--help"], { encoding: "utf8" });
  for (const name of ["start", "train", "token", "export", "import", "copy", "access", "purge", "swap"])
    expect(text).toMatch(new RegExp(`^  ${name} `, "m"));
});

test("integraviz start brings up the page and a training whose points arrive, and ends in order", {
  timeout: 120_000,
}, async ({ skip }) => {
  skip(!hasRegistry, NO_REGISTRY);
  gateway = spawn(bin(), ["start", "--port", "0"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [gateway.stdout, gateway.stderr]) stream?.on("data", (chunk) => (printed += chunk));
  await expect.poll(() => printed, { timeout: 60_000 }).toMatch(/^Look\s+http/m);
  expect(printed).toContain("Train   npx integraviz train\n");
  const { url, readToken } = JSON.parse(readFileSync(join(folder, ".integraviz/endpoint.json"), "utf8")) as Endpoint;

  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toContain("text/html");
  const points = async () => {
    const body = JSON.stringify({ sql: "SELECT count(*)::int FROM metrics WHERE metric = 'loss' AND value > 0" });
    const answer = await fetch(`${url}/v1/sql`, {
      method: "POST",
      headers: { authorization: `Bearer ${readToken}` },
      body,
    });
    return ((await answer.json()) as { rows: number[][] }).rows[0]?.[0];
  };
  await expect.poll(points, { timeout: 60_000 }).toBeGreaterThan(5);

  const ended = once(gateway, "exit");
  gateway.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  expect(existsSync(join(folder, ".integraviz/postgres/PG_VERSION"))).toBe(true);
  expect(existsSync(join(folder, ".integraviz/postgres/postmaster.pid"))).toBe(false);
});
