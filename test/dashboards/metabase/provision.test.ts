import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apply, check } from "../../../dashboards/apply.ts";
import { standardDashboards } from "../../../dashboards/shipped.ts";
import { type DashboardSpec, panelsOf } from "../../../dashboards/spec.ts";
import type { Target } from "../../../dashboards/target.ts";
import { type MetabaseStandIn, metabase } from "../../stand-ins/metabase.ts";
import type { Kept } from "../../stand-ins/metabase-assets.ts";
import { NAME, targetOf, visualizerSuite } from "../visualizer-suite.ts";

const cardOf = ({ assets }: MetabaseStandIn, panel: string): Kept =>
  assets.cards.find(
    ({ description, archived }) =>
      !archived && description.endsWith(`Made by Integraviz (${NAME}): training/${panel}.`),
  );
const standing = (list: Kept[]) => list.filter(({ archived }) => !archived);

describe("Metabase", () => {
  visualizerSuite<MetabaseStandIn>({
    product: "metabase",
    start: metabase,
    // Four, and one for each dashboard.
    reads: 6,
    isLogin: (path) => /^\/api\/(health|session)/.test(path),
    isData: (path) => path.endsWith("/query"),
    panels: "cards",
    panel(server, key) {
      const card = cardOf(server, key);
      return card && { id: card.id, name: card.name };
    },
    dashboards: ({ assets }) => standing(assets.dashboards).map(({ name }) => name),
    change(server) {
      cardOf(server, "accuracy-by-epoch").visualization_settings["graph.y_axis.scale"] = "log";
      cardOf(server, "loss-by-epoch").name = "Mine";
      cardOf(server, "runs").dataset_query.stages[0].native += " -- mine";
      server.assets.dashboards.find(({ name }) => name === "Training").dashcards.pop();
      return [
        "cards/training/accuracy-by-epoch is changed",
        "cards/training/loss-by-epoch is changed",
        "cards/training/runs is changed",
        "dashboards/training is changed",
      ];
    },
    state: ({ assets }) => assets.state(),
    restore: ({ assets }, state) => assets.restore(state),
    old: [
      ["v0.63.5", "is version v0.63.5. Update it: dashboards need 0.64 or newer."],
      ["v1.58.24", "is version v1.58.24. Update it: dashboards need 0.64 or newer."],
      ["vLOCAL_DEV", "does not say its version. Update it: dashboards need 0.64 or newer."],
      ["", "does not say its version. Update it: dashboards need 0.64 or newer."],
    ],
  });
});

let server: MetabaseStandIn;
let target: Target;
let specs: DashboardSpec[];

beforeEach(async () => {
  server = await metabase();
  target = targetOf("metabase", server);
  specs = structuredClone(standardDashboards());
});
afterEach(() => server.close());

test("an address says how often it refreshes, and stays what it is", async () => {
  const { urls } = await apply({ ...target, site: "https://bi.example.com" });
  expect(urls.training).toMatch(/^https:\/\/bi\.example\.com\/dashboard\/\d+#refresh=30$/);
  specs[0]!.title = "How it goes";
  expect((await apply({ ...target, site: "https://bi.example.com" }, { specs })).urls).toEqual(urls);
});

test("its links are made with the address that people use, which is told once", async () => {
  await apply({ ...target, site: "https://bi.example.com" });
  expect(server.site).toBe("https://bi.example.com");
  server.asked.length = 0;
  await apply({ ...target, site: "https://bi.example.com" });
  expect(server.asked.filter(({ path }) => path.includes("setting"))).toEqual([]);
  server.site = "http://10.0.0.1:3000";
  expect(await check({ ...target, site: "https://bi.example.com" })).toEqual(["settings/site-url is changed"]);
});

test("one that nobody has set up is left alone by a check", async () => {
  const fresh = await metabase({ isSetUp: false });
  await expect(check({ ...target, url: fresh.url })).rejects.toThrow(
    `Metabase at ${fresh.url} is not set up: apply the dashboards first.`,
  );
  expect(fresh.asked.filter(({ method }) => method !== "GET")).toEqual([]);
  await fresh.close();
});

test("a panel that moves keeps its place's number; one added is numbered by Metabase", async () => {
  await apply(target, { specs });
  const places = () => {
    const { dashcards } = server.assets.dashboards.find(({ name }) => name === "Training");
    return new Map<number, number>(dashcards.map(({ id, card_id }: Kept) => [card_id, id]));
  };
  const before = places();
  specs[0]!.rows.reverse();
  expect((await apply(target, { specs })).changed).toEqual(["dashboards/training is changed"]);
  expect(places()).toEqual(before);
  const added = structuredClone(panelsOf(specs[0]!).find(({ kind }) => kind === "number")!);
  specs[0]!.rows.push({ height: 100, panels: [{ ...added, key: "added" }] });
  await apply(target, { specs });
  expect(places().size).toBe(before.size + 1);
  expect([...places()].filter(([card]) => before.has(card))).toHaveLength(before.size);
});

test("a card that somebody put on a dashboard of theirs stays, and so does a copy of theirs", async () => {
  await apply(target, { specs });
  const card = cardOf(server, "loss-by-epoch");
  const theirs = { id: 900, name: "Theirs", dashcards: [{ id: 901, card_id: card.id }], collection_id: null };
  server.assets.dashboards.push({ ...theirs, description: null });
  server.assets.cards.push({ ...structuredClone(cardOf(server, "runs")), id: 902, collection_id: 77 });
  specs[0]!.rows[1]!.panels.pop();
  await apply(target, { specs });
  expect(cardOf(server, "loss-by-epoch")).toBe(card);
  expect(server.assets.cards.find(({ id }) => id === 902)).toMatchObject({ archived: false });
  expect(await check(target, { specs })).toEqual([]);
  server.assets.dashboards.pop();
  expect((await apply(target, { specs })).changed).toEqual(["cards/Loss by epoch is no longer wanted"]);
});

test("of two that are marked alike the older one is ours", async () => {
  await apply(target);
  const card = cardOf(server, "runs");
  server.assets.cards.push({ ...structuredClone(card), id: 999 });
  expect((await apply(target)).changed).toEqual(["cards/Runs is no longer wanted"]);
  expect(cardOf(server, "runs")).toBe(card);
});

test("a query that fails is an error, though it was answered with 202", async () => {
  server.missing.add("run_summary");
  await expect(apply(target)).rejects.toThrow(
    /^Panel training\/accuracy-validation: Metabase says: ERROR: relation "integraviz.run_summary" does not exist/,
  );
});

test("the values of a filter are asked for as well", async () => {
  server.missing.add("runs");
  const [, governance] = specs;
  for (const row of governance!.rows)
    row.panels = row.panels.filter((one) => !("dataset" in one) || one.dataset === "audit");
  await expect(apply(target, { specs: [governance!] })).rejects.toThrow(/^Panel governance\/filter project: /);
});

test("what Metabase would read as a variable is refused with the panel, before anything is sent", async () => {
  const dataset = specs[0]!.datasets.run_metrics!;
  dataset.sql = "SELECT ARRAY[[1]] AS x FROM runs";
  await expect(apply(target, { specs })).rejects.toThrow(
    'training: panel "accuracy-validation" has [[, ]] or {{ in its SQL, which is read as a variable: put a space in between.',
  );
  expect(server.databases).toEqual([]);
});
