/** The dashboards in a real Superset over a real PostgreSQL. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apply, check } from "../../../dashboards/apply.ts";
import type { Send } from "../../../dashboards/send.ts";
import { standardDashboards } from "../../../dashboards/shipped.ts";
import { type DashboardSpec, type DataPanel, panelsOf } from "../../../dashboards/spec.ts";
import { compile } from "../../../dashboards/superset/compile.ts";
import { splitConnection } from "../../../dashboards/superset/database.ts";
import { supersetSession } from "../../../dashboards/superset/session.ts";
import { readState } from "../../../dashboards/superset/state.ts";
import type { Target } from "../../../dashboards/target.ts";
import { type Stack, startStack } from "../../../embedded/stack.ts";
import { writeBundle } from "../../../operations/dashboards/folder.ts";
import { readerLogin } from "../../../operations/dashboards/reader.ts";
import { hasBrowser, launch } from "../live/browser.ts";
import { comparable, panelSql } from "./panel-sql.ts";
import { ADMIN, type Installed, installSuperset, type RealSuperset, startSuperset } from "./real-superset.ts";
import { epochEnd, seedRuns } from "./seed.ts";

const installed = await installSuperset();
const isMissing = typeof installed === "string";
const NAME = "integraviz-real";

describe.skipIf(isMissing)(isMissing ? `a real Superset ${installed}` : "a real Superset", () => {
  let scratch: string;
  let stack: Stack;
  let superset: RealSuperset;
  let target: Target;
  let send: Send;
  let client: pg.Client;
  let specs: DashboardSpec[];

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "integraviz-superset-"));
    const data = join(scratch, "data");
    [stack, superset] = await Promise.all([
      startStack({ data, port: 0 }),
      startSuperset(installed as Installed, scratch),
    ]);
    await seedRuns(stack.endpoint);
    target = {
      product: "superset",
      name: NAME,
      url: superset.url,
      by: "password",
      ...ADMIN,
      reader: readerLogin({ data }),
    };
    specs = structuredClone(standardDashboards());
    send = await supersetSession(target, { headers: {}, hide: [] });
    client = new pg.Client({ connectionString: stack.endpoint.sql });
    await client.connect();
  }, 150_000);

  afterAll(async () => {
    await client?.end();
    await superset?.stop();
    await stack?.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  const count = async (kind: string) => (await send("GET", `/api/v1/${kind}/`)).body.count as number;
  const counts = async () => Promise.all(["database", "dataset", "chart", "dashboard"].map(count));

  test("is given the dashboards; applied again, nothing is written and nothing is there twice", async () => {
    const first = await apply(target, { specs });
    const standing = await counts();
    expect(first.changed.length).toBeGreaterThan(30);
    expect(standing[2]).toBe(specs.flatMap(panelsOf).filter(({ kind }) => kind !== "text").length);
    expect(await apply(target, { specs })).toEqual({ ...first, changed: [] });
    expect(await counts()).toEqual(standing);
    expect(await check(target, { specs })).toEqual([]);
  }, 60_000);

  test("every chart's data is what the SQL of its view gives, NaN and infinities as gaps", async () => {
    const state = await readState(send, NAME);
    const { connection } = splitConnection(target.reader, NAME);
    const { panels } = compile(specs, { name: NAME, connection });
    let gaps = 0;
    const asked: Record<string, string> = {};
    const ask = async (id: number, query: object) => {
      const { body } = await send("POST", "/api/v1/chart/data", {
        datasource: { id, type: "table" },
        force: true,
        result_format: "json",
        result_type: "full",
        queries: [query],
      });
      return body.result[0];
    };
    for (const { dashboard, panel: key, chart, query } of panels) {
      const spec = specs.find((one) => one.key === dashboard)!;
      const panel = panelsOf(spec).find((one) => one.key === key) as DataPanel;
      const { rows } = await client.query(panelSql(panel, spec));
      const id = state.charts.find(({ uuid }) => uuid === chart)!.dataset;
      const result = await ask(id, query);
      asked[`${dashboard}/${key}`] = result.query;
      expect(result.rejected_filters, `${dashboard}/${key}`).toEqual([]);
      expect(comparable(result.data), `${dashboard}/${key}`).toEqual(comparable(rows));
      if (panel.kind === "line") gaps += rows.filter(({ value_max }) => !Number.isFinite(value_max)).length;
      if (panel.kind !== "number") expect(rows.length, `${dashboard}/${key}`).toBeGreaterThan(0);
    }
    expect(gaps, "NaN and both infinities were among the points").toBeGreaterThan(5);
    for (const { key, filters, datasets } of specs)
      for (const { column, dataset } of filters) {
        const id = state.datasets.find(({ name }) => name === datasets[dataset]!.view)!.id;
        const query = { columns: [column], metrics: [], filters: [], row_limit: 1_000 };
        asked[`${key}/filter ${column}`] = (await ask(id, query)).query;
      }
    // What bench/dashboards.ts asks.
    await expect(`${JSON.stringify(asked, null, 2)}\n`).toMatchFileSnapshot("golden/queries.json");
  }, 120_000);

  test("the last values have what no chart can draw, as text", async () => {
    const { rows } = await client.query("SELECT last_text FROM run_summary WHERE last_text = '-Infinity'");
    expect(rows).not.toEqual([]);
  });

  test("a panel renamed keeps its chart, one dropped goes, and all comes back", async () => {
    const wanted = structuredClone(specs);
    const gauge = panelsOf(wanted[0]!)[0]!;
    const before = (await readState(send, NAME)).charts.find(({ name }) => name === gauge.title);
    gauge.title = "How good";
    wanted[0]!.rows[1]!.panels.pop();
    const { changed } = await apply(target, { specs: wanted });
    expect(changed).toContain("charts/Loss by epoch is no longer wanted");
    const { charts } = await readState(send, NAME);
    expect(charts.find(({ id }) => id === before?.id)).toMatchObject({ name: "How good" });
    expect(charts.map(({ name }) => name)).not.toContain("Loss by epoch");
    expect(await check(target, { specs: wanted })).toEqual([]);
    await apply(target, { specs: wanted.slice(0, 1) });
    expect((await readState(send, NAME)).dashboards.map(({ name }) => name)).toEqual(["Training"]);
    await apply(target, { specs });
    expect(await check(target, { specs })).toEqual([]);
  }, 90_000);

  test("what a person changed is told, and a view that is missing, by its panel", async () => {
    const [chart] = (await readState(send, NAME)).charts;
    await send("PUT", `/api/v1/chart/${chart!.id}`, { slice_name: "Mine" });
    expect(await check(target, { specs })).toHaveLength(1);
    const wanted = structuredClone(specs);
    wanted[0]!.datasets.runs!.view = "no_such_view";
    wanted[1]!.datasets.runs!.view = "no_such_view";
    await expect(apply(target, { specs: wanted })).rejects.toThrow(
      /^Panel training\/runs-running: .*no_such_view.* does not exist.* Its view no_such_view is missing or older than the dashboards/,
    );
    await apply(target, { specs });
    expect(await check(target, { specs })).toEqual([]);
  }, 90_000);

  test("a wrong password of the reader is refused before anything is imported", async () => {
    const before = await check(target, { specs });
    const reader = { ...target.reader, password: "WRONG-PASSWORD" } as Target["reader"];
    const refused = apply({ ...target, reader }, { specs });
    await expect(refused).rejects.toThrow(/test_connection\/ answered 4\d\d/);
    await expect(refused).rejects.not.toThrow("WRONG-PASSWORD");
    expect(await check(target, { specs })).toEqual(before);
  }, 60_000);

  test("the bundle for a person is taken as an export of dashboards", async () => {
    const zip = await readFile(writeBundle(scratch, specs, { name: NAME, on: "postgres", reader: target.reader }));
    const form = new FormData();
    form.set("formData", new Blob([new Uint8Array(zip)], { type: "application/zip" }), "integraviz.zip");
    form.set("overwrite", "true");
    const { password } = target.reader as { password: string };
    form.set("passwords", JSON.stringify({ "databases/store.yaml": password }));
    const before = await counts();
    expect((await send("POST", "/api/v1/dashboard/import/", form)).body).toEqual({ message: "OK" });
    expect(await counts()).toEqual(before);
    expect(await check(target, { specs })).toEqual([]);
  }, 60_000);

  describe.skipIf(!hasBrowser)("in a browser", () => {
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      browser = await launch();
      page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
      page.setDefaultTimeout(60_000);
      await page.goto(`${superset.url}/login/`);
      await page.locator("input:visible").first().fill(ADMIN.user);
      await page.locator("input[type=password]").fill(ADMIN.password);
      await page.keyboard.press("Enter");
      await page.waitForURL(/welcome/);
    }, 120_000);
    afterAll(() => browser?.close());

    test("Figure 3 is drawn, and grows by itself while the run trains", async () => {
      const wanted = structuredClone(specs);
      wanted[0]!.refresh.postgres = 2;
      const { urls } = await apply(target, { specs: wanted });
      await page.goto(urls.training!);
      const drawn = (title: string) =>
        page.locator(".dashboard-component-chart-holder").filter({ hasText: title }).locator("canvas").first();
      for (const title of ["Accuracy, validation", "Accuracy by epoch", "Loss by epoch"])
        await drawn(title).waitFor({ state: "visible" });
      const gauge = drawn("Accuracy, validation");
      await expect.poll(() => colors(gauge), { timeout: 20_000 }).toBeGreaterThan(20);
      await expect.poll(() => colors(drawn("Accuracy by epoch")), { timeout: 20_000 }).toBeGreaterThan(20);
      await page.screenshot({ path: join((installed as Installed).folder, "training.png") });
      const grown = page.waitForResponse(async (response) => {
        if (!response.url().includes("/api/v1/chart/data")) return false;
        const { result } = (await response.json().catch(() => ({ result: [] }))) as { result: { data: unknown }[] };
        return JSON.stringify(result[0]?.data ?? "").includes("0.98765");
      });
      await epochEnd(stack.endpoint, { epoch: 13, val_accuracy: 0.98765 });
      await grown;
      expect(await page.getByText("No results were returned").count()).toBe(0);
    }, 150_000);
  });
});

/** How many colours a canvas shows: one that is blank has one. */
function colors(canvas: ReturnType<Page["locator"]>): Promise<number> {
  return canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
    const seen = new Set<number>();
    for (let at = 0; at < data.length; at += 4)
      seen.add(((data[at] as number) << 16) | ((data[at + 1] as number) << 8) | (data[at + 2] as number));
    return seen.size;
  });
}
