/** Every panel of the page over a real PostgreSQL, against the SQL of its spec. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { standardDashboards } from "../../../dashboards/shipped.ts";
import { type DataPanel, isData, panelsOf } from "../../../dashboards/spec.ts";
import { type Stack, startStack } from "../../../embedded/stack.ts";
import { issueToken } from "../../../embedded/tokens.ts";
import { expectedRows } from "../metabase/expected-rows.ts";
import { panelSql } from "../superset/panel-sql.ts";
import { seedRuns } from "../superset/seed.ts";
import { hasBrowser, launch } from "./browser.ts";

const specs = standardDashboards();
const panels = specs.flatMap((spec) =>
  panelsOf(spec)
    .filter(isData)
    .map((panel) => [`${spec.key}/${panel.key}`, { spec, panel }] as const),
);

let scratch: string;
let stack: Stack;
let client: pg.Client;
let browser: Browser;
let page: Page;

const DATA = () => join(scratch, "data");

describe.skipIf(!hasBrowser)("a run on the page has the numbers that the spec's SQL gives", () => {
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "integraviz-page-"));
    stack = await startStack({ data: DATA(), port: 0 });
    await seedRuns(stack.endpoint);
    client = new pg.Client({ connectionString: stack.endpoint.sql });
    await client.connect();
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(20_000);
  }, 150_000);
  afterAll(async () => {
    await browser?.close();
    await client?.end();
    await stack?.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  async function open(spec: string, token = stack.endpoint.readToken) {
    await page.goto("about:blank");
    await page.goto(`${stack.endpoint.url}/#token=${token}&project=demo&tab=dashboards&dashboard=${spec}`);
    await page.locator(`[data-dashboard="${spec}"][aria-pressed="true"]`).waitFor();
  }

  test.each(panels)("%s", async (_, { spec, panel }) => {
    if (!page.url().includes(`dashboard=${spec.key}`)) await open(spec.key);
    const inProject = { ...panel, where: { ...panel.where, project: "demo" } };
    const { rows } = await client.query(panelSql(inProject, spec));
    const expected = expectedRows(panel, rows).map((row) => Object.values(row));
    expect(lines(await shownIn(panel))).toEqual(lines(expected));
  });

  test("a token of one project shows as much of it, and a panel says where it may not look", async () => {
    const { token } = await issueToken(DATA(), { actor: "bob", projects: ["demo"], scopes: ["read"] });
    await open("governance", token);
    const all = governancePanel("all-runs");
    expect(await shownIn(all)).toEqual([["2"]]);
    await page.route("**/v1/sql", (route) =>
      route.fulfill({
        status: 403,
        json: { detail: "SQL needs a token for all projects.", fix: "Use another token." },
      }),
    );
    await open("training", token);
    const said = page.locator('[data-panel="accuracy-train"] [data-testid="panel-said"]');
    await expect.poll(() => said.textContent()).toBe("SQL needs a token for all projects. Use another token.");
    await page.unroute("**/v1/sql");
  });
});

const governancePanel = (key: string) =>
  panelsOf(specs.find((spec) => spec.key === "governance")!).find((panel) => panel.key === key) as DataPanel;

/** The values in a panel, as text. */
async function shownIn({ key, kind }: DataPanel): Promise<(string | null)[][]> {
  const panel = page.locator(`[data-panel="${key}"]`);
  await panel.scrollIntoViewIfNeeded();
  await page.locator(`[data-panel="${key}"][data-asked]`).waitFor();
  if (kind === "number") return [[await panel.getByTestId("panel-number").getAttribute("data-value")]];
  if (kind === "gauge") return [[await panel.getByTestId("gauge").getAttribute("data-value")]];
  if ((await panel.getAttribute("data-said")) === "nothing") return [];
  const toggle = panel.getByTitle("The values as a table");
  if (kind !== "table") await toggle.click();
  await panel.locator("tbody tr").first().waitFor();
  return panel
    .locator("tbody tr")
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
}

/** Rows in no order, as a page and a driver can both say them. */
function lines(rows: unknown[][]): string[] {
  const plain = (value: unknown): unknown => {
    if (value === null || value === "null" || (typeof value === "number" && !Number.isFinite(value))) return null;
    if (value instanceof Date) return value.getTime();
    const text = String(value);
    if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
    return /^\d{4}-\d\d-\d\d \d\d:/.test(text) ? Math.floor(Date.parse(text)) : text;
  };
  return rows.map((row) => JSON.stringify(row.map(plain))).sort();
}
