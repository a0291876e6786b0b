import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { training } from "../../dashboards/training.ts";
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

const run = async (args: string[], password = ADMIN.password) => {
  const env = { INTEGRAVIZ_VISUALIZER_PASSWORD: password };
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
  ["no such file", ["--spec", "none.json"], "p", "--spec none.json cannot be read"],
])("%s is one line", async (_what, args, password, says) => {
  const { code, text } = await run(args, password);
  expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining(`error: ${says}`) });
  expect(text.trimEnd()).not.toContain("\n");
});
