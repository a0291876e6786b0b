import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { training } from "../../dashboards/training.ts";
import { metabase } from "../stand-ins/metabase.ts";
import { standInPulumi } from "../stand-ins/pulumi.ts";
import { ADMIN, type SupersetStandIn, superset } from "../stand-ins/superset.ts";
import { command } from "./command-line.ts";

let server: SupersetStandIn;
let folder: string;
const READER = "postgres://reader:READER-PASSWORD@db/integraviz";

beforeEach(async () => {
  server = await superset();
  folder = mkdtempSync(join(tmpdir(), "integraviz-dashboards-"));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const run = async (args: string[], password = ADMIN.password, others: Record<string, string> = {}) => {
  const env = { INTEGRAVIZ_VISUALIZER_PASSWORD: password, ...others };
  const { code, text } = await command("dashboards", args, folder, env).ended;
  return { code, text };
};
const there = () => ["--url", server.url, "--product", "superset", "--reader", READER];

test("applies, then finds nothing to do; --check lists what somebody changed and ends with 1", async () => {
  const first = await run(there());
  expect(first).toMatchObject({ code: 0 });
  expect(first.text).toContain(`${server.url}/superset/dashboard/integraviz-training/\n`);
  expect((await run(there())).text).toMatch(/^All is as it should be\.\n/);
  expect(await run([...there(), "--check"])).toEqual({ code: 0, text: "All is as it should be.\n" });
  server.assets.of("charts")[0]!.content.slice_name = "Mine";
  expect(await run([...there(), "--check"])).toEqual({
    code: 1,
    text: expect.stringMatching(/^charts\/[\w-]+ is changed\n$/),
  });
  expect(JSON.stringify(server.databases)).toContain("READER-PASSWORD");
}, 60_000);

test("to a Metabase the same, with the addresses that refresh", async () => {
  const other = await metabase();
  const args = ["--url", other.url, "--product", "metabase", "--user", ADMIN.user, "--reader", READER];
  const first = await run(args);
  expect(first).toMatchObject({ code: 0 });
  expect(first.text).toMatch(new RegExp(`^${other.url}/dashboard/\\d+#refresh=30$`, "m"));
  expect((await run(args)).text).toMatch(/^All is as it should be\.\n/);
  other.assets.cards.find(({ name }) => name === "Runs")!.display = "bar";
  expect(await run([...args, "--check"])).toMatchObject({
    code: 1,
    text: expect.stringMatching(/^cards\/\S+ is changed\n$/),
  });
  await other.close();
}, 60_000);

test("--stack asks Pulumi for the address, the login and how the storage is read", async () => {
  const reader = { driver: "postgres", host: "db", port: 5432, database: "d", user: "u", password: "READER-PASSWORD" };
  const dashboards = {
    product: "superset",
    name: "integraviz-aws",
    url: server.url,
    by: "password",
    ...ADMIN,
    reader: { ...reader, tls: { mode: "off" } },
  };
  const withPulumi = async (stdout: object) => ({
    PATH: await standInPulumi(folder, { stdout: JSON.stringify(stdout) }),
  });
  const first = await run(["--stack", "aws"], "", await withPulumi({ dashboards }));
  expect(first).toMatchObject({ code: 0 });
  expect(first.text).toContain(`${server.url}/superset/dashboard/integraviz-aws-training/\n`);
  const again = await run(["--stack", "aws", "--check"], "", await withPulumi({ dashboards }));
  expect(again).toEqual({ code: 0, text: "All is as it should be.\n" });
  expect(JSON.stringify(server.databases)).toContain("READER-PASSWORD");
  expect(await run(["--stack", "aws"], "", await withPulumi({}))).toEqual({
    code: 1,
    text: "error: --stack aws: the stack has no output dashboards. Bring it up first (pulumi up -s aws); a program of your own has to export dashboards.\n",
  });
  const iap = { ...dashboards, iap: "task@x.iam.gserviceaccount.com" };
  expect((await run(["--stack", "gcp"], "", await withPulumi({ dashboards: iap }))).text).toMatch(
    /^error: --stack gcp: its superset stands behind Identity-Aware Proxy.* pulumi up applies the dashboards\.\n$/,
  );
}, 60_000);

test("--out writes the bundle for a person, with no login and the same bytes each time", async () => {
  const out = join(folder, "upload");
  expect((await run(["--out", out, "--on", "bigquery"])).code).toBe(0);
  const zip = readFileSync(join(out, "integraviz.zip"));
  expect(Object.keys(unzipSync(zip))).toContain("integraviz/dashboards/training.yaml");
  expect(existsSync(join(out, "integraviz/databases/store.yaml"))).toBe(true);
  await run(["--out", out, "--on", "bigquery"]);
  expect(readFileSync(join(out, "integraviz.zip")).equals(zip)).toBe(true);
  await run(["--out", out, "--reader", READER]);
  const database = readFileSync(join(out, "integraviz/databases/store.yaml"), "utf8");
  expect(database).toContain("reader:XXXXXXXXXX@db:5432/integraviz");
  expect(database).not.toContain("READER-PASSWORD");
}, 60_000);

test("a dashboard of one's own is a file; a mistake in it is one line with the panel and the fix", async () => {
  const file = join(folder, "own.json");
  const own = { ...training, key: "own", title: "Own" };
  writeFileSync(file, JSON.stringify(own));
  const { text } = await run([...there(), "--spec", file]);
  expect(text).toContain("/superset/dashboard/integraviz-own/\n");
  const [first, ...rest] = training.rows;
  const wrong = { ...first, panels: [{ ...first!.panels[0], measure: "newest" }] };
  writeFileSync(file, JSON.stringify({ ...own, rows: [wrong, ...rest] }));
  expect(await run([...there(), "--spec", file])).toEqual({
    code: 1,
    text: expect.stringMatching(
      /^error: \S+own\.json: panel "accuracy-validation" names the measure newest, which run_metrics does not have\. Those there are: .*\n$/,
    ),
  });
}, 60_000);

test.each([
  ["no address", [], ADMIN.password, "--url is missing"],
  ["no password", ["--url", "http://x", "--reader", READER], "", "INTEGRAVIZ_VISUALIZER_PASSWORD is not set"],
  ["no database", ["--url", "http://127.0.0.1:9"], "p", "There is no .integraviz/endpoint.json"],
  ["a database that it cannot read", ["--url", "http://x", "--reader", "snowflake://a/b"], "p", "--reader is no login"],
  ["an address that is none", ["--url", "x", "--reader", READER], "p", '--url "x" is no address.'],
  ["two places", ["--url", "http://x", "--stack", "aws"], "p", "--stack and --url both say where to"],
  [
    "Preset of another product",
    ["--url", "http://x", "--product", "metabase", "--preset"],
    "p",
    "--preset: Preset runs",
  ],
  ["a bundle for Metabase", ["--out", "upload", "--product", "metabase"], "p", "--out writes what Superset imports."],
  ["no such file", ["--spec", "none.json"], "p", "--spec none.json cannot be read"],
])("%s is one line", async (_what, args, password, says) => {
  const { code, text } = await run(args, password);
  expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining(`error: ${says}`) });
  expect(text.trimEnd()).not.toContain("\n");
});
