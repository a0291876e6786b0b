/** Every folder of examples/ as its reader would use it: over the packed package, outside this repository. */
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Integraviz } from "../components/index.ts";
import { listen } from "../functions/adapters/node/node.ts";
import { createHandler } from "../functions/http/handler.ts";
import { createVerifier, signToken } from "../functions/http/tokens.ts";
import { readConfig } from "../stacks/config.ts";
import { run as deploy } from "./components/deploy.ts";
import { broken } from "./components/rules.ts";
import { BUNDLES } from "./components/settings.ts";
import { type MemoryStore, openMemoryStore } from "./functions/stores/memory/memory-store.ts";
import type { Mocked } from "./package/mocked.ts";
import { ROOT, unpack } from "./package/unpacked.ts";

const EXAMPLES = join(ROOT, "examples");
const MOCKED = fileURLToPath(new URL("./package/mocked.ts", import.meta.url));
const TSX = import.meta.resolve("tsx");
const { path: tarball } = inject("tarball");
const run = promisify(execFile);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "integraviz-examples-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Copies an example to a folder of its own, with the package and the peers it asks for. */
function install(name: string, peers: string[]): string {
  const project = join(folder, name);
  cpSync(join(EXAMPLES, name), project, { recursive: true });
  unpack(tarball, project, [...peers, "@types/node"]);
  return project;
}

/** Checks the types of its files as a strict project would. */
function typeCheck(project: string, file: string): void {
  const compilerOptions = {
    target: "ES2022",
    module: "NodeNext",
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: ["node"],
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", project], { encoding: "utf8" });
}

test("each is tried here", () => {
  const folders = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual([
    "curl",
    "existing-vpc",
    "own-api",
    "stacks",
    "typescript-loop",
  ]);
});

describe("over HTTP", () => {
  const key = {
    kty: "oct",
    alg: "HS256",
    kid: "examples",
    k: "ZXhhbXBsZXMtZXhhbXBsZXMtZXhhbXBsZXMtZXhhbXBsZXM",
  } as const;
  let store: MemoryStore;
  let server: Awaited<ReturnType<typeof listen>>;
  let url: string;
  let token: string;

  beforeAll(async () => {
    store = openMemoryStore();
    const verify = createVerifier({ keys: [key], denied: () => store.deniedTokens() });
    const hostnames = new Set(["127.0.0.1"]);
    server = await listen(createHandler({ store, verify, hostnames }).fetch, 0, "127.0.0.1");
    url = `http://127.0.0.1:${server.port}`;
    token = await signToken(key, { actor: "trainer", projects: "*", scopes: ["ingest"], jti: "examples" });
  });
  afterAll(async () => {
    await server.stop(0);
    await store.close();
  });

  test("curl: what the paper's callback sends is stored once, with its epoch 0", async () => {
    const send = () => run("sh", [join(EXAMPLES, "curl/send.sh"), url, token]);
    const answers = async () =>
      (await send()).stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    expect((await answers()).map(({ accepted }) => accepted)).toEqual([1, 1, 1, 1, 1, 1]);
    expect((await answers()).map(({ duplicates }) => duplicates)).toEqual([1, 1, 1, 1, 1, 1]);
    const found = await store.events({ project: "default", after: "0", limit: 100 });
    expect(found.events.map(({ kind, epoch }) => [kind, epoch])).toEqual([
      ["on_train_begin", null],
      ["on_epoch_begin", 0],
      ["on_epoch_end", 0],
      ["on_epoch_begin", 1],
      ["on_epoch_end", 1],
      ["on_train_end", null],
    ]);
    expect(await store.run("default", "paper-by-curl")).toMatchObject({ state: "finished" });
  });

  test("typescript-loop: the run finds the line, and all of it arrives", { timeout: 120_000 }, async () => {
    const project = install("typescript-loop", []);
    typeCheck(project, "loop.ts");
    mkdirSync(join(project, ".integraviz"));
    writeFileSync(join(project, ".integraviz/endpoint.json"), JSON.stringify({ url, token }));
    const { stdout } = await run(process.execPath, ["--import", TSX, "loop.ts"], { cwd: project });
    const [, id = "", slope, undelivered] =
      /^run (\S+): y = (\S+)x \+ \S+, (\d+) events undelivered$/m.exec(stdout) ?? [];
    expect(Number(slope)).toBeCloseTo(3, 1);
    expect(undelivered).toBe("0");
    expect(await store.run("default", id)).toMatchObject({ state: "finished", name: "a line" });
    const query = {
      project: "default",
      runs: [id],
      metrics: ["loss"],
      level: "batch",
      x: "step",
      points: 1_000,
    } as const;
    expect((await store.series({ ...query, runs: [id], metrics: ["loss"] })).series[0]?.total).toBe(200);
  });
});

describe("as a Pulumi program", () => {
  async function deployed(name: string, peers: string[]): Promise<Mocked> {
    const project = install(name, peers);
    typeCheck(project, "index.ts");
    const args = ["--import", TSX, MOCKED, join(project, "index.ts")];
    const { stdout } = await run(process.execPath, args, { cwd: project, maxBuffer: 64e6 });
    return JSON.parse(stdout.trim().split("\n").at(-1) as string) as Mocked;
  }

  test("existing-vpc: what needs a network is in that of the program, and no other is made", {
    timeout: 120_000,
  }, async () => {
    const { made, outputs } = await deployed("existing-vpc", ["@pulumi/aws", "@pulumi/pulumi", "@pulumi/random"]);
    expect(made.filter(({ type }) => type === "aws:ec2/vpc:Vpc").map(({ name }) => name)).toEqual(["lab"]);
    const group = made.find(({ type }) => type === "aws:rds/subnetGroup:SubnetGroup");
    expect(group?.inputs.subnetIds).toEqual(["private-0-id", "private-1-id"]);
    const secured = made.filter(({ type }) => type === "aws:ec2/securityGroup:SecurityGroup");
    expect(secured.length).toBeGreaterThan(0);
    for (const { inputs } of secured) expect(inputs.vpcId).toBe("lab-id");
    expect(outputs.url).toMatch(/^https:/);
  });

  test("own-api: a program outside the repository adds Caddy", { timeout: 120_000 }, async () => {
    const { made, outputs } = await deployed("own-api", ["@pulumi/docker", "@pulumi/pulumi", "@pulumi/random"]);
    expect(outputs.url).toBe("https://lab.example.com");
    const proxy = made.find(({ name }) => name.endsWith("api-caddy-proxy"));
    expect(proxy?.inputs).toMatchObject({ command: expect.arrayContaining(["--from", "lab.example.com"]) });
  });
});

describe("stacks: a configuration for each that ships", () => {
  const shipped = readdirSync(join(ROOT, "stacks")).filter((name) => /^Pulumi\..*\.yaml$/.test(name));

  test.each(shipped)("%s is taken, chooses what the stack does, and breaks no rule", async (file) => {
    const config = configOf(join(EXAMPLES, "stacks", file));
    const up = await deploy(() => new Integraviz("integraviz", { ...readConfig(), bundles: BUNDLES }), { config });
    expect(broken(up.made)).toEqual([]);
    const theirs = configOf(join(ROOT, "stacks", file));
    for (const part of ["api", "rpc", "storage"])
      expect(JSON.parse(config[`integraviz:${part}`] as string).kind, part).toBe(
        JSON.parse(theirs[`integraviz:${part}`] as string).kind,
      );
  });

  /** A stack's configuration as the engine hands it to the program, with its secrets opened. */
  function configOf(file: string): Record<string, string> {
    const { config } = load(readFileSync(file, "utf8"), { filename: file }) as { config: Record<string, unknown> };
    const open = (_key: string, value: unknown) =>
      value !== null && typeof value === "object" && "secure" in value ? "opened" : value;
    const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, open));
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)]));
  }
});
