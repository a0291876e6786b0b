import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apply, check, standardDashboards } from "../../../dashboards/apply.ts";
import { type DashboardSpec, panelsOf } from "../../../dashboards/spec.ts";
import { identity } from "../../../dashboards/superset/identity.ts";
import type { Target } from "../../../dashboards/target.ts";
import { ADMIN, type SupersetStandIn, superset } from "../../stand-ins/superset.ts";
import { readers } from "./readers.ts";

let server: SupersetStandIn;
let target: Target;
let specs: DashboardSpec[];

beforeEach(async () => {
  server = await superset();
  target = {
    product: "superset",
    name: "integraviz-aws",
    url: server.url,
    by: "password",
    ...ADMIN,
    reader: readers.postgres,
  };
  specs = structuredClone(standardDashboards());
});
afterEach(() => server.close());

/** Requests for assets since the last call: logging in and asking for data are none. */
function requests(): { reads: string[]; writes: string[] } {
  const all = server.asked
    .splice(0)
    .filter(({ path }) => path.startsWith("/api/v1/") && !/security|chart\/data|test_connection/.test(path))
    .map(({ method, path }) => `${method} ${path}`);
  return {
    reads: all.filter((one) => one.startsWith("GET")),
    writes: all.filter((one) => !one.startsWith("GET")),
  };
}
const chartOf = (panel: string) => server.assets.assets.get(identity("integraviz-aws", "chart", "training", panel));

describe("a second apply", () => {
  test("reads every asset back in at most four requests and writes nothing", async () => {
    const first = await apply(target);
    expect(requests().writes).toEqual(["POST /api/v1/assets/import/"]);
    expect(first.changed.length).toBeGreaterThan(30);
    expect(await apply(target)).toEqual({ ...first, changed: [] });
    const { reads, writes } = requests();
    expect(reads.length).toBeLessThanOrEqual(4);
    expect(writes).toEqual([]);
    expect(await check(target)).toEqual([]);
  });

  test("asks for the data of every panel, either time", async () => {
    const data = specs.flatMap(panelsOf).filter(({ kind }) => kind !== "text");
    for (let time = 0; time < 2; time++) {
      await apply(target);
      const asked = server.asked.splice(0).filter(({ path }) => path === "/api/v1/chart/data");
      expect(asked).toHaveLength(data.length);
    }
  });
});

test("what a person changed is told, and changed back", async () => {
  await apply(target);
  chartOf("accuracy-by-epoch")!.content.params.logAxis = true;
  chartOf("loss-by-epoch")!.content.slice_name = "Mine";
  const training = server.assets.of("dashboards").find(({ content }) => content.dashboard_title === "Training");
  training!.content.metadata.refresh_frequency = 1;
  const drift = [
    "charts/training-accuracy-by-epoch is changed",
    "charts/training-loss-by-epoch is changed",
    "dashboards/training is changed",
  ];
  expect(await check(target)).toEqual(drift);
  expect((await apply(target)).changed).toEqual(drift);
  expect(await check(target)).toEqual([]);
});

test("a panel renamed is the same chart; one dropped goes, and a dashboard with all of its own", async () => {
  await apply(target, { specs });
  const [ours, theirs] = [chartOf("accuracy-validation")!.id, await standingBesides()];
  panelsOf(specs[0]!)[0]!.title = "How good";
  const lines = specs[0]!.rows[1]!.panels;
  lines.splice(0, 1);
  const { changed } = await apply(target, { specs: specs.slice(0, 1) });
  expect(chartOf("accuracy-validation")).toMatchObject({ id: ours, content: { slice_name: "How good" } });
  expect(chartOf("accuracy-by-epoch")).toBeUndefined();
  expect(changed).toEqual(
    expect.arrayContaining([
      "charts/training-accuracy-validation is changed",
      "charts/Accuracy by epoch is no longer wanted",
      "dashboards/Governance is no longer wanted",
      "datasets/audit is no longer wanted",
    ]),
  );
  expect(server.assets.of("dashboards").map(({ content }) => content.dashboard_title)).toEqual(["Training"]);
  expect(server.assets.of("datasets").map(({ content }) => content.table_name)).not.toContain("audit");
  expect(chartOf("theirs"), "what others made stays").toEqual(theirs);
  expect(await check(target, { specs: specs.slice(0, 1) })).toEqual([]);
});

/** A chart that somebody made by hand over one of our datasets. */
async function standingBesides() {
  const uuid = identity("integraviz-aws", "chart", "training", "theirs");
  const runs = server.assets.of("datasets").find(({ content }) => content.table_name === "runs")!;
  const content = { uuid, slice_name: "Theirs", description: null, dataset_uuid: runs.content.uuid, params: {} };
  server.assets.assets.set(uuid, { id: 999, folder: "charts", content: { ...content, description: "by hand" } });
  return server.assets.assets.get(uuid);
}

test("a dataset that somebody made a chart of stays", async () => {
  await apply(target, { specs });
  const audit = server.assets.of("datasets").find(({ content }) => content.table_name === "audit")!;
  const content = {
    uuid: "theirs",
    slice_name: "Theirs",
    description: "",
    dataset_uuid: audit.content.uuid,
    params: {},
  };
  server.assets.assets.set("theirs", { id: 999, folder: "charts", content });
  await apply(target, { specs: specs.slice(0, 1) });
  expect(server.assets.assets.get(audit.content.uuid)).toBeDefined();
  expect(await check(target, { specs: specs.slice(0, 1) })).toEqual([]);
});

test("a storage that was registered by itself is taken up", async () => {
  await apply(target);
  const [database] = server.assets.of("databases");
  server.assets.assets.clear();
  database!.content.uuid = "0f0e0d0c-0000-4000-8000-000000000000";
  server.assets.assets.set(database!.content.uuid, database!);
  expect(await apply(target)).toMatchObject({ database: database!.id });
  expect(server.databases).toHaveLength(1);
  expect(await check(target)).toEqual([]);
});

test("killed at any call, it leaves drift that check lists, and the next apply brings it to an end", async () => {
  await apply(target, { specs });
  server.asked.length = 0;
  // Something to import, and something of each kind to remove.
  panelsOf(specs[0]!)[0]!.title = "How good";
  const wanted = specs.slice(0, 1);
  const before = structuredClone([...server.assets.assets]);
  await apply(target, { specs: wanted });
  const calls = server.asked.map(({ path }) => path);
  const after = structuredClone([...server.assets.assets]);
  expect(await check(target, { specs: wanted })).toEqual([]);
  const data = calls.indexOf("/api/v1/chart/data");
  // Once it is logged in; asking for data changes nothing, so one such call stands for all.
  const deaths = calls.flatMap((path, call) => (call < 4 || (path === calls[data] && call !== data) ? [] : call));
  expect(deaths.length).toBeGreaterThan(8);
  for (const dieAt of deaths) {
    server.assets.assets.clear();
    for (const [uuid, asset] of structuredClone(before)) server.assets.assets.set(uuid, asset);
    server.asked.length = 0;
    server.dieAt = dieAt;
    await expect(apply(target, { specs: wanted })).rejects.toThrow(/502|no data|Panel/);
    server.dieAt = Number.POSITIVE_INFINITY;
    const drift = await check(target, { specs: wanted });
    const isDone = JSON.stringify(after) === JSON.stringify([...server.assets.assets]);
    expect(drift.length > 0, `call ${dieAt}`).toBe(!isDone);
    await apply(target, { specs: wanted });
    expect([...server.assets.assets], `call ${dieAt}`).toEqual(after);
  }
}, 120_000);

describe("one error names what is wrong and the fix", () => {
  test("a view that is not there, by its panel", async () => {
    server.missing.add("metrics");
    await expect(apply(target)).rejects.toThrow(
      'Panel training/accuracy-by-epoch: Superset says: relation "integraviz.metrics" does not exist. Its view metrics is missing or older than the dashboards: migrate the storage, then apply again. Of 2 other panels there is no data, either.',
    );
    expect(await check(target)).toHaveLength(3);
  });

  test("but for a custom metric that has no view, which is told by its file", async () => {
    server.missing.add("best_so_far");
    const { urls, warnings } = await apply(target);
    expect(Object.keys(urls)).toHaveLength(specs.length);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^dashboards\/metrics\/best_so_far.sql: panel training\/metric-best-so-far: .* does not exist. Its view best_so_far is missing/,
      ),
    ]);
    expect(await check(target)).toHaveLength(1);
  });

  test("a Superset that is down", async () => {
    await server.close();
    const starting = { seconds: 0.05, everyMs: 10 };
    await expect(apply(target, { starting })).rejects.toThrow(
      new RegExp(`^GET ${server.url}/health got no answer: .*ECONNREFUSED`),
    );
    server = await superset();
  });

  test.each([
    ["4.1.2", "is version 4.1.2. Update it: dashboards need 6.1 or newer."],
    ["", "does not say its version. Update it: dashboards need 6.1 or newer."],
  ])("one that is too old: %j", async (version, says) => {
    const old = await superset({ version });
    await expect(apply({ ...target, url: old.url })).rejects.toThrow(`Superset at ${old.url} ${says}`);
    await old.close();
  });

  test("an import that Superset refuses", async () => {
    panelsOf(specs[0]!)[0]!.title = "How good";
    server.assets.import = () => ({
      status: 500,
      body: { errors: [{ message: "Import failed for an unknown reason" }] },
    });
    await expect(apply(target, { specs })).rejects.toThrow(
      /POST \S+assets\/import\/ answered 500: .*unknown reason.* Superset keeps the reason to its own log: look there\./,
    );
  });
});
