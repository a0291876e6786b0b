import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stack, startStack } from "../../embedded/stack.ts";
import { hasBrowser, launch } from "../dashboards/live/browser.ts";
import { NUMBERS } from "./entries/numbers.ts";
import { PAGE } from "./entries/page.ts";
import { REFUSALS } from "./entries/refusals.ts";
import { RUNS } from "./entries/runs.ts";
import { OWN, type PageRead, type Read, type Report, type Said, type Sent } from "./report.ts";

const REPORTS: readonly Report[] = [...NUMBERS, ...RUNS, ...REFUSALS, ...PAGE];
const named = REPORTS.map((report, index) => ({ ...report, project: `report-${index}` }));

let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "integraviz-reports-"));
  stack = await startStack({ data: folder, port: 0 });
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A path with the report's project, which is named beside what it has. */
const within = (path: string, project: string) => `${path}${path.includes("?") ? "&" : "?"}project=${project}`;

async function post({ body, path = "/v1/events", status = 200, answer }: Sent, project: string) {
  const { url, token, readToken } = stack.endpoint;
  const response = await fetch(`${url}${within(path, project)}`, {
    method: "POST",
    headers: { authorization: `Bearer ${["/", "/v1/events"].includes(path) ? token : readToken}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  await expectAnswer(response, status, answer);
}

async function read(asked: Read, project: string) {
  const { url, token, readToken } = stack.endpoint;
  if ("sql" in asked) {
    const response = await fetch(`${url}/v1/sql`, {
      method: "POST",
      headers: { authorization: `Bearer ${readToken}` },
      body: JSON.stringify({ sql: asked.sql.replaceAll("PROJECT", project) }),
    });
    return expectAnswer(response, 200, { rows: asked.rows });
  }
  const headers = { authorization: `Bearer ${asked.get.endsWith("/control") ? token : readToken}` };
  await expectAnswer(await fetch(`${url}${within(asked.get, project)}`, { headers }), asked.status ?? 200, asked.is);
}

/** Every answer has the id of its request, and an error document names it too. */
async function expectAnswer(response: Response, status: number, is: unknown) {
  const text = await response.text();
  expect(response.status, text).toBe(status);
  const id = response.headers.get("x-request-id");
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  const said = JSON.parse(text) as Record<string, unknown>;
  if (status >= 400) expect(said).toMatchObject({ instance: `urn:uuid:${id}`, fix: expect.any(String) });
  if (is !== undefined) expect(said).toMatchObject(is as object);
}

test("each report has a source, a situation of its own, and says what is right", () => {
  expect(REPORTS.length).toBeGreaterThanOrEqual(50);
  expect(new Set(REPORTS.map(({ situation }) => situation)).size).toBe(REPORTS.length);
  for (const { source, right = [], page } of REPORTS) {
    if (source !== OWN) expect(source).toMatch(/^[\w.-]+\/[\w.-]+#\d+$/);
    expect(right.length + (page?.says.length ?? 0)).toBeGreaterThan(0);
  }
});

test.each(named)("$source: $situation", async ({ sent, right = [], project }) => {
  for (const one of sent) await post(one, project);
  for (const one of right) await read(one, project);
});

describe.skipIf(!hasBrowser)("on the page", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await launch();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !/status of 4/.test(message.text())) problems.push(message.text());
    });
    await page.goto(stack.pageUrl);
    await page.getByTestId("logout").waitFor();
  });
  afterAll(() => browser?.close());

  const shown = named.filter((report): report is typeof report & { page: PageRead } => report.page !== undefined);
  test.each(shown)("$source: $situation", async ({ page: { view = "", press = [], says }, project }) => {
    problems.length = 0;
    const run = /(^|&)run=/.test(view) ? view : `run=r&${view}`;
    await page.goto("about:blank");
    await page.goto(`${stack.endpoint.url}/#project=${project}&${run.replace(/^run=(&|$)/, "")}`);
    for (const name of press) await page.getByRole("button", { name, exact: true }).first().click();
    for (const one of says) await expectSaid(page, one, project);
    expect(problems).toEqual([]);
  });
});

async function expectSaid(page: Page, said: Said, project: string) {
  if ("address" in said) {
    const address = said.address.replaceAll("PROJECT", project);
    return expect.poll(() => page.url()).toMatch(new RegExp(`${address}$`));
  }
  if ("part" in said) {
    const part = page.getByTestId(said.part);
    if ("count" in said) return expect.poll(() => part.filter({ visible: true }).count()).toBe(said.count);
    const text = expect.poll(() => part.first().textContent());
    return said.text === "" ? text.toBe("") : text.toContain(said.text);
  }
  if ("empty" in said) {
    const words = page.locator(`article[data-metric="${said.chart}"] .chart-empty`);
    return expect.poll(() => words.textContent()).toContain(said.empty);
  }
  const chart = page.locator(`[data-testid="line-chart"][data-metric="${said.chart}"]`);
  for (const [name, value] of Object.entries(said.measures))
    await expect.poll(() => chart.getAttribute(`data-${name}`)).toBe(String(value));
}
