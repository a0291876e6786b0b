/**
 * The dashboards in Metabase over a real PostgreSQL: in a stand-in that really asks it, and in a real one where there is
 * one. To that one: INTEGRAVIZ_METABASE_URL, its administrator as INTEGRAVIZ_METABASE_USER and
 * INTEGRAVIZ_METABASE_PASSWORD, and where it cannot reach the PostgreSQL that is started here (on loopback), a reader's
 * URL to another with the same runs in it as INTEGRAVIZ_METABASE_READER.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apply, check } from "../../../dashboards/apply.ts";
import { compile } from "../../../dashboards/metabase/compile.ts";
import { numbersOf } from "../../../dashboards/metabase/plan.ts";
import { metabaseSession } from "../../../dashboards/metabase/session.ts";
import { readState } from "../../../dashboards/metabase/state.ts";
import { panelQuery } from "../../../dashboards/panel-query.ts";
import type { Send } from "../../../dashboards/send.ts";
import { standardDashboards } from "../../../dashboards/shipped.ts";
import { type DashboardSpec, type DataPanel, isData, panelsOf } from "../../../dashboards/spec.ts";
import type { Target } from "../../../dashboards/target.ts";
import { type Stack, startStack } from "../../../embedded/stack.ts";
import { readerLogin } from "../../../operations/dashboards/reader.ts";
import { metabase } from "../../stand-ins/metabase.ts";
import { ADMIN } from "../../stand-ins/superset.ts";
import { comparable, panelSql } from "../superset/panel-sql.ts";
import { seedLongRun, seedRuns } from "../superset/seed.ts";
import { expectedRows } from "./expected-rows.ts";

const { INTEGRAVIZ_METABASE_URL, INTEGRAVIZ_METABASE_USER, INTEGRAVIZ_METABASE_PASSWORD, INTEGRAVIZ_METABASE_READER } =
  process.env;
const NAME = `integraviz-test-${process.pid}`;

let scratch: string;
let stack: Stack;
let client: pg.Client;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "integraviz-metabase-"));
  stack = await startStack({ data: join(scratch, "data"), port: 0 });
  await seedRuns(stack.endpoint);
  client = new pg.Client({ connectionString: stack.endpoint.sql });
  await client.connect();
}, 150_000);
afterAll(async () => {
  await client?.end();
  await stack?.stop();
  await rm(scratch, { recursive: true, force: true });
});

const reader = () => readerLogin({ data: join(scratch, "data"), reader: INTEGRAVIZ_METABASE_READER });

describe("the bins of a distribution", () => {
  const training = standardDashboards().find(({ key }) => key === "training")!;
  const panel = panelsOf(training).find(({ kind }) => kind === "distribution") as DataPanel & { column: string };

  test.each<[what: string, values: string[], counts: number[]]>([
    ["values of which the last digit alone tells", ["0.95", "0.9500000000000001"], [2]],
    ["the smallest double", ["5e-324"], [1]],
    ["the smallest double beside 1", ["5e-324", "1"], [1, 1]],
    ["a tiny value in a wide range", ["1e-299", "1e30", "0"], [2, 1]],
    ["both ends of the doubles", ["-1.7e308", "1.7e308"], [1, 1]],
    ["what is not finite", ["'NaN'", "'Infinity'", "0.5"], [1]],
  ])("%s", async (_, values, counts) => {
    const spec = structuredClone(training);
    spec.filters = [];
    const dataset = spec.datasets[panel.dataset]!;
    const rows = values.map((value) => `(${value}::double precision)`).join(", ");
    dataset.sql = `SELECT t.${panel.column} FROM (VALUES ${rows}) AS t(${panel.column})`;
    const sql = panelQuery({ ...panel, where: {} }, spec, { dialect: "postgres", schema: "integraviz" });
    const { rows: bins } = await client.query(sql);
    expect(bins.map(({ rows }) => Number(rows))).toEqual(counts);
  });
});

describe("a stand-in", () => {
  suite(async () => {
    const server = await metabase({ run: async (sql, values) => (await client.query(sql, values)).rows });
    server.refuse = (details) => details.includes("WRONG-PASSWORD");
    return { login: { url: server.url, ...ADMIN }, end: () => server.close() };
  });
});

describe.skipIf(INTEGRAVIZ_METABASE_URL === undefined)("a real Metabase", () => {
  suite(async () => {
    const login = {
      url: INTEGRAVIZ_METABASE_URL as string,
      user: INTEGRAVIZ_METABASE_USER ?? "admin@integraviz.invalid",
      password: INTEGRAVIZ_METABASE_PASSWORD ?? "",
    };
    const end = async (send: Send) => {
      const { database, collection } = await readState(send, NAME, undefined);
      if (collection) await send("PUT", `/api/collection/${collection.id}`, { archived: true });
      if (database) await send("DELETE", `/api/database/${database.id}`);
    };
    return { login, end };
  });
});

function suite(
  start: () => Promise<{ login: Pick<Target, "url" | "user" | "password">; end(send: Send): Promise<void> }>,
) {
  let target: Target;
  let send: Send;
  let end: (send: Send) => Promise<void>;
  let specs: DashboardSpec[];

  beforeAll(async () => {
    const started = await start();
    end = started.end;
    target = { product: "metabase", name: NAME, by: "password", ...started.login, reader: reader() };
    send = (await metabaseSession(target, { headers: {}, hide: [] })).send;
    specs = structuredClone(standardDashboards());
  });
  afterAll(() => end?.(send));

  /** The rows that a panel shows when these are chosen above it. */
  async function shown(spec: DashboardSpec, panel: DataPanel, chosen: Record<string, string[]> = {}) {
    const state = await readState(send, NAME, undefined);
    const card = numbersOf(state).get(`cards/${spec.key}/${panel.key}`);
    const { id, content } = state.dashboards.find(({ key }) => key === spec.key)!;
    const dashcards = content.dashcards as unknown as { id: number; card_id: number; parameter_mappings: Mapping[] }[];
    const place = dashcards.find(({ card_id }) => card_id === card)!;
    const parameters = place.parameter_mappings
      .filter(({ parameter_id }) => chosen[parameter_id] !== undefined)
      .map(({ parameter_id, target }) => ({
        id: parameter_id,
        type: "string/=",
        value: chosen[parameter_id],
        target,
      }));
    const path = `/api/dashboard/${id}/dashcard/${place.id}/card/${card}/query`;
    const { body } = await send("POST", path, { parameters });
    expect(body.error).toBeUndefined();
    const { rows, cols } = body.data as { rows: unknown[][]; cols: { name: string }[] };
    return rows.map((row) => Object.fromEntries(cols.map(({ name }, at) => [name, row[at]])));
  }
  interface Mapping {
    parameter_id: string;
    target: unknown;
  }

  test("is given the dashboards; applied again, nothing is written and nothing is there twice", async () => {
    const first = await apply(target, { specs });
    expect(first.changed.length).toBeGreaterThan(25);
    const standing = await readState(send, NAME, undefined);
    expect(await apply(target, { specs })).toEqual({ ...first, changed: [] });
    expect(numbersOf(await readState(send, NAME, undefined))).toEqual(numbersOf(standing));
    expect(await check(target, { specs })).toEqual([]);
    const { cards, dashboards } = compile(specs, target);
    expect(standing.cards.map(({ key }) => key).toSorted()).toEqual(cards.map(({ key }) => key).toSorted());
    expect(standing.dashboards).toHaveLength(dashboards.length);
  }, 60_000);

  test.each<[string, Record<string, string[]>]>([
    ["as they are", {}],
    ["with one project chosen", { project: ["demo"] }],
    ["with runs and a split chosen", { run: ["run-b", "run-c"], split: ["validation"] }],
    ["with what is nowhere", { project: ["nowhere"] }],
  ])(
    "every panel shows what the SQL of its view gives, NaN and infinities as gaps: %s",
    async (_what, chosen) => {
      let gaps = 0;
      let rowsOfAll = 0;
      for (const spec of specs)
        for (const panel of panelsOf(spec).filter(isData)) {
          const reaching = spec.filters.filter(
            ({ column }) =>
              chosen[column] !== undefined &&
              !(column in panel.where) &&
              spec.datasets[panel.dataset]!.columns.some(({ name }) => name === column),
          );
          const narrowed = Object.fromEntries(reaching.map(({ column }) => [column, chosen[column]!]));
          const asked = { ...panel, where: { ...panel.where, ...narrowed } };
          const { rows } = await client.query(panelSql(asked, spec));
          const expected = comparable(expectedRows(panel, rows));
          const found = await shown(spec, panel, chosen);
          expect(comparable(found.map(withTimes)), `${spec.key}/${panel.key}`).toEqual(expected);
          if (panel.kind === "line") gaps += rows.filter(({ value_max }) => !Number.isFinite(value_max)).length;
          rowsOfAll += found.length;
        }
      if (Object.keys(chosen).length === 0) {
        expect(gaps, "NaN and both infinities were among the points").toBeGreaterThan(5);
        expect(rowsOfAll).toBeGreaterThan(200);
      }
    },
    120_000,
  );

  test("a filter offers what there is", async () => {
    const state = await readState(send, NAME, undefined);
    for (const { filters, key } of specs)
      for (const { column } of filters) {
        const { content } = state.dashboards.find((one) => one.key === key)!;
        const parameter = (content.parameters as unknown as Parameter[]).find(({ id }) => id === column)!;
        const { body } = await send("POST", `/api/card/${parameter.values_source_config.card_id}/query`, {});
        const table = ["project", "run"].includes(column) ? "runs" : "run_summary";
        const { rows } = await client.query(`SELECT DISTINCT ${column} FROM ${table} ORDER BY 1`);
        expect(body.data.rows.flat(), `${key}/${column}`).toEqual(rows.map((row) => row[column]));
      }
  });
  interface Parameter {
    id: string;
    values_source_config: { card_id: number };
  }

  test("tables come sorted as they are said to be", async () => {
    const spec = specs[0]!;
    const panel = panelsOf(spec).find(({ key }) => key === "runs") as DataPanel;
    const names = (await shown(spec, panel)).map(({ run }) => run);
    expect(names).toEqual(["run-c", "run-b", "run-a"]);
  });

  test("a panel renamed keeps its card, one dropped goes, and all comes back", async () => {
    const wanted = structuredClone(specs);
    const gauge = panelsOf(wanted[0]!)[0]!;
    const before = numbersOf(await readState(send, NAME, undefined)).get(`cards/training/${gauge.key}`);
    gauge.title = "How good";
    wanted[0]!.rows[1]!.panels.pop();
    const { changed } = await apply(target, { specs: wanted });
    expect(changed).toContain("cards/Loss by epoch is no longer wanted");
    const { cards } = await readState(send, NAME, undefined);
    expect(cards.find(({ id }) => id === before)?.content.name).toBe("How good");
    expect(cards.map(({ key }) => key)).not.toContain("training/loss-by-epoch");
    await apply(target, { specs: wanted.slice(0, 1) });
    expect((await readState(send, NAME, undefined)).dashboards.map(({ key }) => key)).toEqual(["training"]);
    await apply(target, { specs });
    expect(await check(target, { specs })).toEqual([]);
  }, 90_000);

  test("what a person changed is told, and a view that is missing, by its panel", async () => {
    const [card] = (await readState(send, NAME, undefined)).cards;
    await send("PUT", `/api/card/${card!.id}`, { name: "Mine" });
    expect(await check(target, { specs })).toHaveLength(1);
    const wanted = structuredClone(specs);
    wanted[0]!.datasets.runs!.view = "no_such_view";
    await expect(apply(target, { specs: wanted })).rejects.toThrow(
      /^Panel training\/runs-running: Metabase says: .*no_such_view.* does not exist.* Its view no_such_view is missing or older than the dashboards/,
    );
    await apply(target, { specs });
    expect(await check(target, { specs })).toEqual([]);
  }, 90_000);

  test("a wrong password of the reader is refused, and nothing else is written", async () => {
    const wrong = { ...target.reader, password: "WRONG-PASSWORD" } as Target["reader"];
    const refused = apply({ ...target, reader: wrong }, { specs });
    await expect(refused).rejects.toThrow(/PUT \S+\/api\/database\/\d+ answered 400/);
    await expect(refused).rejects.not.toThrow("WRONG-PASSWORD");
    expect(await check(target, { specs })).toEqual([]);
  }, 60_000);

  test("of a long run the lines are some of its points, the extremes among them", async () => {
    const EPOCHS = 2_600;
    await seedLongRun(stack.endpoint, EPOCHS);
    const spec = specs[0]!;
    const panel = panelsOf(spec).find(({ key }) => key === "loss-by-epoch") as DataPanel;
    const { rows } = await client.query(panelSql({ ...panel, where: { ...panel.where, run: "run-long" } }, spec));
    expect(rows).toHaveLength(2 * EPOCHS);
    const all = new Set(comparable(expectedRows(panel, rows)));
    const found = await shown(spec, panel, { run: ["run-long"] });
    expect(comparable(found).filter((row) => !all.has(row))).toEqual([]);
    expect(found.length).toBeGreaterThan(240);
    expect(found.length).toBeLessThanOrEqual(2 * 1_000);
    const ends = (values: unknown[]) => [Math.min(...(values as number[])), Math.max(...(values as number[]))];
    expect(ends(found.map(({ value_max }) => value_max))).toEqual(ends(rows.map(({ value_max }) => value_max)));
  }, 60_000);
}

/** JSON has times as texts. */
function withTimes(row: Record<string, unknown>): Record<string, unknown> {
  const isTime = (value: unknown) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value);
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, isTime(value) ? new Date(value as string) : value]),
  );
}
