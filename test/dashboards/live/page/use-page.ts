import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { buildLivePage } from "../../../../dashboards/live/build.ts";
import { type PageServer, type PageServerOptions, startPageServer } from "../../../stand-ins/page-server.ts";
import { launch } from "../browser.ts";
import { liveSample, type Sample, sampleRun, sampleSweep } from "../sample-runs.ts";

export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 390, height: 844 };

interface Site {
  server: PageServer;
  /** The run that trains. */
  live: Sample;
  /** The runs that ended. */
  sweep: Sample[];
  /** The query that shows all runs. */
  allRuns(): string;
  /** Starts another server, with one run that trains. */
  restart(options: Omit<PageServerOptions, "root">): Promise<void>;
  open(address?: string, context?: BrowserContextOptions): Promise<Page>;
}

/**
 * The built page in a browser before every test of a file: a server with the projects `mnist`, with
 * seven runs that ended and one that trains, and `empty`. No test may leave an error on the
 * console.
 */
export function usePage(options: Omit<PageServerOptions, "root"> = {}): Site {
  let root: string;
  let browser: Browser;
  const problems: string[] = [];
  const page: Site = {
    server: undefined as unknown as PageServer,
    live: undefined as unknown as Sample,
    sweep: [],
    allRuns: () => [...page.sweep, page.live].map(({ run }) => `run=${run}`).join("&"),
    async restart(other) {
      await page.server.close();
      page.server = await startPageServer({ root, ...other });
      for (const event of sampleRun(page.live)) page.server.log().append(event);
    },
    async open(address = page.server.link, context = {}) {
      const opened = await (await browser.newContext({ viewport: WIDE, ...context })).newPage();
      opened.on("pageerror", (error) => problems.push(String(error)));
      opened.on("console", (message) => {
        // What the server refuses and connections that are cut are part of some tests.
        const isNetwork = /status of (4|503)|net::ERR/.test(message.text());
        if (message.type() === "error" && !isNetwork) problems.push(message.text());
      });
      await opened.goto(address);
      return opened;
    },
  };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "live-page-"));
    await buildLivePage(root);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(root, { recursive: true, force: true });
  });
  beforeEach(async () => {
    problems.length = 0;
    const now = Date.now();
    page.live = liveSample(now);
    page.sweep = sampleSweep(now);
    page.server = await startPageServer({ root, projects: ["mnist", "empty"], ...options });
    for (const sample of [...page.sweep, page.live]) {
      for (const event of sampleRun(sample)) page.server.log("mnist").append(event);
    }
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await page.server.close();
    expect(problems).toEqual([]);
  });
  return page;
}

export const chart = (page: Page, metric: string) =>
  page.locator(`[data-testid="line-chart"][data-metric="${metric}"]`);

export const gauge = (page: Page, metric: string) => page.locator(`[data-testid="gauge"][data-metric="${metric}"]`);

/** A number that a chart says of itself. */
export const measured = async (page: Page, metric: string, name: "points" | "lines" | "last" | "not-finite") =>
  Number(await chart(page, metric).getAttribute(`data-${name}`));

/** Waits until a chart says a number of itself. */
export const untilMeasured = (page: Page, metric: string, name: string, value: number | string) =>
  page.waitForSelector(`[data-testid="line-chart"][data-metric="${metric}"][data-${name}="${value}"]`);

export async function expectText(locator: Locator, text: string) {
  await locator.filter({ hasText: text }).first().waitFor();
}

/** Presses Tab until an element is reached: the way of someone without a mouse. */
export async function tabUntil(page: Page, isReached: () => Promise<boolean>) {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    if (await isReached()) return;
  }
  throw new Error("Not reached by Tab");
}

/** What the SQL stand-in answers: the loss of three epochs for each run. */
export const lossByEpoch = (runs: string[]) => ({
  columns: ["run", "epoch", "value"].map((name) => ({ name, type: "text" })),
  rows: runs.flatMap((run) => [0, 1, 2].map((epoch) => [run, epoch, 1 / (epoch + 1)])),
  truncated: false,
});
