/** examples/own-api in a clone, as its README tells it: its file and one line, in a copy of this project. */
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const PROGRAM = `
import { everyCombination, isValid } from "./components/checking/compatibility.ts";
import { capabilityMatrix } from "./components/checking/matrix.ts";
import type { IntegravizArgs } from "./components/index.ts";
import { deploy } from "./test/components/deploy.ts";
import { broken } from "./test/components/rules.ts";

const settings: IntegravizArgs = {
  api: { kind: "caddy", caddy: { domain: "lab.example.com" } },
  rpc: { kind: "docker" },
  storage: { kind: "postgres", postgres: { host: "docker" } },
  visualizer: { kind: "metabase", metabase: { host: "docker" } },
  bundles: "test/fixtures/bundles",
};
const { made, outputs } = await deploy(settings);
const refused = await deploy({ ...settings, api: { kind: "caddy" } }).catch((error: Error) => error.message);
const own = [...everyCombination()].filter(({ api }) => api.kind === "caddy");
console.log(JSON.stringify({
  url: outputs.url,
  command: made.find(({ name }) => name === "api-caddy-proxy")?.inputs.command,
  broken: broken(made),
  refused,
  works: [...new Set(own.filter(isValid).map(({ rpc }) => rpc.kind))],
  matrix: capabilityMatrix(),
}));
`;

const EXAMPLE = join(ROOT, "examples/own-api");

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "integraviz-own-"));
  for (const part of [
    "components",
    "contract",
    "test/components",
    "test/fixtures/bundles",
    "package.json",
    "tsconfig.json",
  ])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const own = readFileSync(join(EXAMPLE, "caddy.ts"), "utf8").replace('"integraviz/extend"', '"../extend.ts"');
  writeFileSync(join(folder, "components/api/caddy.ts"), own);
  const [, line = ""] = /```ts\n([^`]*)```/.exec(readFileSync(join(EXAMPLE, "README.md"), "utf8")) ?? [];
  expect(line.trim().split("\n"), "one line in the registry").toHaveLength(1);
  appendFileSync(join(folder, "components/api/index.ts"), line);
  writeFileSync(join(folder, "program.ts"), PROGRAM);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
}

test("it is configured, checked, deployed and documented like the others", { timeout: 60_000 }, () => {
  const answer = JSON.parse(node("--import", "tsx", "program.ts").trim().split("\n").at(-1) as string);
  expect(answer).toMatchObject({ url: "https://lab.example.com", broken: [], works: ["docker"] });
  expect(answer.command).toEqual(expect.arrayContaining(["--from", "lab.example.com"]));
  expect(answer.refused).toContain("integraviz:api.caddy.domain: is missing");
  expect(answer.refused).toContain("fix: pulumi config set --path integraviz:api.caddy.domain <value>");
  expect(answer.matrix).toContain("| caddy | shared-key | docker | 8.4 MB | 3600 s | live |");
});

test("its settings are typed", { timeout: 120_000 }, () => {
  writeFileSync(
    join(folder, "tsconfig.own.json"),
    JSON.stringify({ extends: "./tsconfig.json", include: ["program.ts"] }),
  );
  node(join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.own.json");
});
