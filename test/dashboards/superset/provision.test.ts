import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apply, check } from "../../../dashboards/apply.ts";
import { identity } from "../../../dashboards/identity.ts";
import { standardDashboards } from "../../../dashboards/shipped.ts";
import { type DashboardSpec, panelsOf } from "../../../dashboards/spec.ts";
import type { Target } from "../../../dashboards/target.ts";
import { type SupersetStandIn, superset } from "../../stand-ins/superset.ts";
import type { Asset } from "../../stand-ins/superset-assets.ts";
import { NAME, targetOf, visualizerSuite } from "../visualizer-suite.ts";

const chartOf = ({ assets }: SupersetStandIn, panel: string) =>
  assets.assets.get(identity(NAME, "chart", "training", panel));

describe("Superset", () => {
  visualizerSuite<SupersetStandIn>({
    product: "superset",
    start: superset,
    reads: 4,
    isLogin: (path) => /^\/(health|version)|\/security\//.test(path),
    isData: (path) => path === "/api/v1/chart/data",
    panels: "charts",
    panel(server, key) {
      const chart = chartOf(server, key);
      return chart && { id: chart.id, name: chart.content.slice_name };
    },
    dashboards: ({ assets }) => assets.of("dashboards").map(({ content }) => content.dashboard_title),
    change(server) {
      chartOf(server, "accuracy-by-epoch")!.content.params.logAxis = true;
      chartOf(server, "loss-by-epoch")!.content.slice_name = "Mine";
      const training = server.assets.of("dashboards").find(({ content }) => content.dashboard_title === "Training");
      training!.content.metadata.refresh_frequency = 1;
      return [
        "charts/training-accuracy-by-epoch is changed",
        "charts/training-loss-by-epoch is changed",
        "dashboards/training is changed",
      ];
    },
    state: ({ assets }) => structuredClone([...assets.assets]),
    restore({ assets }, state) {
      assets.assets.clear();
      for (const [uuid, asset] of structuredClone(state as [string, Asset][])) assets.assets.set(uuid, asset);
    },
    old: [
      ["4.1.2", "is version 4.1.2. Update it: dashboards need 6.1 or newer."],
      ["", "does not say its version. Update it: dashboards need 6.1 or newer."],
    ],
  });
});

let server: SupersetStandIn;
let target: Target;
let specs: DashboardSpec[];

beforeEach(async () => {
  server = await superset();
  target = targetOf("superset", server);
  specs = structuredClone(standardDashboards());
});
afterEach(() => server.close());

test("what others made of our datasets stays, and a dataset with it", async () => {
  await apply(target, { specs });
  const of = (table: string) => server.assets.of("datasets").find(({ content }) => content.table_name === table)!;
  const audit = of("audit");
  const content = {
    uuid: "theirs",
    slice_name: "Theirs",
    description: "by hand",
    dataset_uuid: audit.content.uuid,
    params: {},
  };
  server.assets.assets.set("theirs", { id: 999, folder: "charts", content });
  await apply(target, { specs: specs.slice(0, 1) });
  expect(server.assets.assets.get("theirs")).toMatchObject({ content });
  expect(server.assets.assets.get(audit.content.uuid)).toBeDefined();
  expect(await check(target, { specs: specs.slice(0, 1) })).toEqual([]);
  server.assets.assets.delete("theirs");
  expect((await apply(target, { specs: specs.slice(0, 1) })).changed).toEqual(["datasets/audit is no longer wanted"]);
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

test("an import that Superset refuses says where to look", async () => {
  panelsOf(specs[0]!)[0]!.title = "How good";
  server.assets.import = () => ({
    status: 500,
    body: { errors: [{ message: "Import failed for an unknown reason" }] },
  });
  await expect(apply(target, { specs })).rejects.toThrow(
    /POST \S+assets\/import\/ answered 500: .*unknown reason.* Superset keeps the reason to its own log: look there\./,
  );
});
