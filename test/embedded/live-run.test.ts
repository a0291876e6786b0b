import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Endpoint } from "../../embedded/stack.ts";
import type { RunDetail } from "../../functions/stores/store.ts";
import { hasBrowser, launch, ready } from "../dashboards/live/browser.ts";
import { type GatewayProcess, startGateway } from "./gateway-process.ts";

/** `npm start` with its sample training, looked at in a real browser. */
describe.skipIf(!hasBrowser)("a live run", () => {
  let data: string;
  let gateway: GatewayProcess;
  let browser: Browser;
  let page: Page;
  const endpoint = (): Endpoint => JSON.parse(readFileSync(join(data, "endpoint.json"), "utf8")) as Endpoint;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "integraviz-live-"));
    gateway = await startGateway(["--port", "0", "--data", data]);
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    await page.goto(gateway.pageUrl);
    await ready(page);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await rm(data, { recursive: true, force: true });
  });

  test("logs in by its link and leaves no token in the address bar", () => {
    expect(page.url()).not.toContain("token");
    expect(page.url()).not.toContain("eyJ");
  });

  test("the gauge and the line grow while the run trains", async () => {
    const points = () =>
      page.locator('[data-testid="line-chart"][data-metric="loss"]').getAttribute("data-points").then(Number);
    const gauge = () => page.locator('[data-testid="gauge"]').first().getAttribute("data-value");
    const before = { points: await points(), gauge: await gauge() };
    await expect.poll(points, { timeout: 60_000 }).toBeGreaterThan(before.points);
    await expect.poll(gauge, { timeout: 60_000 }).not.toBe(before.gauge);
  }, 130_000);

  test("stop, pressed on the page, ends the training within two seconds and is kept with who and why", async () => {
    await page.getByTestId("stop-run").click();
    await page.getByTestId("stop-reason").fill("seen enough");
    const { url, readToken } = endpoint();
    const headers = { authorization: `Bearer ${readToken}` };
    const { runs } = (await (await fetch(`${url}/v1/runs`, { headers })).json()) as { runs: { run: string }[] };
    const detail = async () => (await (await fetch(`${url}/v1/runs/${runs[0]?.run}`, { headers })).json()) as RunDetail;
    await page.getByTestId("stop-dialog-send").click();
    await expect.poll(async () => (await detail()).state, { timeout: 30_000, interval: 50 }).toBe("stopped");
    const { audit, ended_at } = await detail();
    expect(audit).toEqual([
      {
        event_id: expect.any(String),
        kind: "stop_requested",
        actor: expect.stringMatching(/./),
        at: expect.any(String),
        logs: { reason: "seen enough" },
      },
    ]);
    const took = Date.parse(ended_at as string) - Date.parse(audit[0]?.at as string);
    expect(took).toBeLessThan(2_000);
    await page.waitForSelector('[data-testid="focus-state"][data-state="stopped"]');
  }, 120_000);
});
