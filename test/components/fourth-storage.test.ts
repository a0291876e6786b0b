/** A fourth storage, DuckDB: its three places and a line in each registry, in a copy of this project. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PACKAGED_FOLDERS } from "../packaged-folders.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OWN = join(ROOT, "test/fixtures/fourth-storage");
const COPIED = [
  ...PACKAGED_FOLDERS,
  "test/components",
  "test/functions/event",
  "test/functions/stores/memory",
  "test/fixtures/bundles",
  "biome.json",
  "package.json",
  "tsconfig.json",
];
/** One line in each of the three registries. */
const LINES = {
  "components/storage/index.ts": 'export { duckdb } from "./duckdb.ts";\n',
  "contract/logins/index.ts": 'export { duckdb } from "./duckdb.ts";\n',
  "functions/stores/index.ts": 'export { duckdb } from "./duckdb/about.ts";\n',
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "integraviz-fourth-"));
  for (const part of COPIED) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  cpSync(OWN, folder, { recursive: true });
  for (const [file, line] of Object.entries(LINES)) appendFileSync(join(folder, file), line);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program in the copy, and reads the JSON that it prints last. */
function answerOf<T>(program: string): T {
  writeFileSync(join(folder, "program.ts"), program);
  const text = execFileSync(process.execPath, ["--import", "tsx", "program.ts"], { cwd: folder, encoding: "utf8" });
  return JSON.parse(text.trim().split("\n").at(-1) as string);
}

/** Runs a command of `integraviz` in the copy. */
function command(...args: string[]): string {
  const program = ["--import", "tsx", "commands/integraviz.ts", ...args];
  const { stdout, stderr } = spawnSync(process.execPath, program, { cwd: folder, encoding: "utf8" });
  return stdout + stderr;
}

const BUNDLES = `
import { entries } from "./functions/build/bundles.ts";
import { externals } from "./functions/build/externals.ts";
const names = Object.keys(entries).filter((name) => name.endsWith("-duckdb"));
console.log(JSON.stringify({ names, left: externals.filter(({ by }) => by.startsWith("@duckdb")) }));
`;

test("its bundles are in the list, and what they leave out of its driver", { timeout: 60_000 }, () => {
  const { names, left } = answerOf<{ names: string[]; left: unknown[] }>(BUNDLES);
  const kinds = readdirSync(join(folder, "test/fixtures/bundles")).filter((name) => name.endsWith("-bigquery"));
  expect(names.toSorted()).toEqual(kinds.map((name) => name.replace("bigquery", "duckdb")));
  expect(left).toHaveLength(1);
});

const DEPLOYED = `
import { everyCombination, isValid } from "./components/checking/compatibility.ts";
import { capabilityMatrix } from "./components/checking/matrix.ts";
import { listSettings } from "./components/checking/reference.ts";
import type { IntegravizArgs } from "./components/index.ts";
import { Login, splitLogin } from "./contract/login.ts";
import { deploy } from "./test/components/deploy.ts";
import { broken } from "./test/components/rules.ts";

const settings: IntegravizArgs = {
  api: { kind: "docker" },
  rpc: { kind: "docker" },
  storage: { kind: "duckdb", duckdb: { database: "lab", token: "SECRET" } },
  visualizer: { kind: "superset", superset: { host: "docker" } },
  transform: { storage: { duckdb: {}, bigquery: { dataset: { description: "ours" } } } },
  bundles: "test/fixtures/bundles",
};
const { made, outputs } = await deploy(settings);
const refused = (storage: IntegravizArgs["storage"], visualizer = settings.visualizer) =>
  deploy({ ...settings, storage, visualizer }).then(() => "", (error: Error) => error.message);
const own = [...everyCombination()].filter(({ storage }) => storage.kind === "duckdb");
const login = { driver: "duckdb", file: "md:lab", token: "SECRET" } as const;
console.log(JSON.stringify({
  components: outputs.components,
  storages: made.filter(({ name }) => name.startsWith("storage-")).map(({ name }) => name),
  text: JSON.stringify(made.map(({ inputs }) => inputs)),
  broken: broken(made),
  missing: await refused({ kind: "duckdb" }),
  wrong: await refused({ kind: "duckdb", duckdb: { database: "a b", token: "SECRET" } }),
  unread: await refused(settings.storage, { kind: "metabase", metabase: { host: "docker" } }),
  works: own.filter(isValid).length,
  all: own.length,
  matrix: capabilityMatrix(),
  settings: listSettings().map(({ key }) => key),
  login: Login.safeParse(login).success,
  half: Login.safeParse({ driver: "duckdb" }).success,
  split: splitLogin<unknown>(login),
}));
`;

test("it is configured, checked, deployed and documented like the others", { timeout: 120_000 }, () => {
  const bundles = join(folder, "test/fixtures/bundles");
  for (const name of readdirSync(bundles).filter((one) => one.endsWith("-postgres")))
    cpSync(join(bundles, name), join(bundles, name.replace(/postgres$/, "duckdb")), { recursive: true });
  const answer = answerOf<Record<string, unknown>>(DEPLOYED);
  expect(answer).toMatchObject({ broken: [], login: true, half: false });
  expect(answer.storages).toContain("storage-duckdb-once-migrate");
  expect(answer.text).toContain("duckdb-engine==");
  expect(answer.text).toContain("migrate-node-duckdb");
  expect(answer.missing).toContain("integraviz:storage.duckdb.database: is missing");
  expect(answer.wrong).toContain("integraviz:storage.duckdb.database: is no name of a database\n  fix: name it lab");
  expect(answer.unread).toContain("integraviz:visualizer.kind: metabase has no driver for duckdb");
  expect(answer.unread).toContain("pulumi config set --path integraviz:visualizer.kind superset");
  expect(answer.matrix).toContain("| duckdb |  | internet |");
  expect(answer.settings).toEqual(
    expect.arrayContaining(["integraviz:storage.duckdb.token", "integraviz:archive.duckdb.token"]),
  );
  expect(answer.split).toEqual({ plain: { driver: "duckdb", file: "md:lab" }, secrets: { token: "SECRET" } });
  expect(answer.works).toBeGreaterThan(0);
});

describe("on a command line", () => {
  test("its URL is in the help of copy, and in the refusal of what names no store", { timeout: 60_000 }, () => {
    expect(command("copy", "--help")).toContain("  duckdb:///PATH/FILE\n                    a file of DuckDB's\n");
    expect(command("copy", "--from", "mongodb://x", "--to", "y")).toContain("duckdb://..., postgres://...");
    expect(command("copy", "--from", "duckdb:///x?threads=2", "--to", "y")).toContain("has no parameter threads");
  });

  test("access by project is refused with what to do, and is no key of a policy", { timeout: 60_000 }, () => {
    const policy = join(folder, "access.yaml");
    writeFileSync(policy, "groups: {}\n");
    expect(command("access", "--policy", policy, "--on", "duckdb")).toBe(
      "error: --on duckdb: DuckDB itself keeps no project apart from another. Give tokens for projects.\n",
    );
    writeFileSync(policy, "groups:\n  vision: { projects: [a], access: read, duckdb: [ada] }\n");
    expect(command("access", "--policy", policy)).toContain("groups.vision.duckdb is not a setting. Remove it.");
  });
});

const STORED = `
import { buildBundles } from "./functions/build/build.ts";
import { metabaseDatabase } from "./dashboards/metabase/database.ts";
import { shippedDashboards } from "./dashboards/shipped.ts";
import { compile } from "./dashboards/superset/compile.ts";
import { splitConnection } from "./dashboards/superset/database.ts";
import { openAddress } from "./operations/addresses/store-address.ts";
import { sampleEvent } from "./test/functions/event/sample-event.ts";
import { execFileSync } from "node:child_process";

const file = process.cwd() + "/events.duckdb";
const login = { driver: "duckdb", file, token: "SECRET" } as const;
const built = await buildBundles("dist/functions", ["migrate-node-duckdb", "docker-duckdb", "dashboards-node"]);
const env = { ...process.env, INTEGRAVIZ_STORE: JSON.stringify({ driver: "duckdb", file }), INTEGRAVIZ_SECRETS: '{"store":{"token":"SECRET"}}' };
const migrated = execFileSync(process.execPath, ["dist/functions/migrate-node-duckdb/index.mjs"], { env, encoding: "utf8" });

const { store } = await openAddress("duckdb://" + file, "--to");
const appended = await store.append([sampleEvent({ kind: "on_epoch_end", epoch: 0, seq: 1, logs: '{"loss":1}' })]);
const { rows } = await store.sql("SELECT count(*) AS events FROM log");
await store.close();
const { store: again, name } = await openAddress("duckdb://" + file, "--from");
const projects = await again.projects();
await again.close();

const { connection, secrets } = splitConnection(login, "lab");
const { assets } = compile(shippedDashboards([]), { name: "lab", connection });
let metabase = "";
try {
  metabaseDatabase(login);
} catch (error) {
  metabase = (error as Error).message;
}
console.log(JSON.stringify({ migrated, accepted: appended.accepted, rows, projects, name, uri: connection.uri, secrets, metabase, assets: JSON.stringify(assets), built: built.map(({ name }) => name) }));
`;

test("its bundle migrates a file, which a command line opens and visualizers are shown", { timeout: 120_000 }, () => {
  const answer = answerOf<Record<string, unknown>>(STORED);
  expect(answer).toMatchObject({ migrated: "The schema is current.\n", accepted: 1, rows: [["1"]] });
  expect(answer.projects).toHaveLength(1);
  expect(answer.name).toMatch(/^duckdb:\/\/\//);
  expect(answer.uri).toMatch(/^duckdb:\/\/\//);
  expect(answer.assets).toContain("ARG_MAX(");
  expect(answer.metabase).toBe("Metabase has no driver for DuckDB: show it in Superset.");
});

test("its settings, transforms and logins are typed", { timeout: 240_000 }, () => {
  writeFileSync(join(folder, "deployed.ts"), DEPLOYED);
  writeFileSync(join(folder, "stored.ts"), STORED);
  const include = ["deployed.ts", "stored.ts", "commands/integraviz.ts", "operations/**/*.d.ts"];
  writeFileSync(join(folder, "tsconfig.own.json"), JSON.stringify({ extends: "./tsconfig.json", include }));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.own.json"], { cwd: folder, encoding: "utf8" });
  expect(stdout).toBe("");
});

/** What may name a storage: its places, registries, what ships, is charged or said to people. */
const MAY_NAME = [
  /^(functions\/stores|dashboards\/metrics)\/snowflake\//,
  /^(components\/storage|contract\/logins)\/snowflake(-\w+)?\.ts$/,
  /^(components\/storage|contract\/logins|functions\/stores)\/index\.ts$/,
  /^operations\/cost\//,
  /^stacks\/(Pulumi\.paper\.yaml|access\.yaml|stack\.schema\.json)$/,
  /^(docs|test|bench|findings|examples)\//,
  /^(package(-lock)?\.json|[^/]+\.md)$/,
];

test("no other file of this project names snowflake", () => {
  const files = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" }).trim().split("\n");
  const named = files
    .filter((file) => !MAY_NAME.some((place) => place.test(file)))
    .filter((file) => /snowflake/i.test(readFileSync(join(ROOT, file), "utf8")));
  expect(named).toEqual([]);
});
