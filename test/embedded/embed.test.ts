import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Endpoint } from "../../embedded/stack.ts";
import { issueToken } from "../../embedded/tokens.ts";
import { hasBrowser, launch } from "../dashboards/live/browser.ts";
import { GatewayEnded, type GatewayProcess, startGateway } from "./gateway-process.ts";

let data: string;
let gateway: GatewayProcess;
const endpoint = (): Endpoint => JSON.parse(readFileSync(join(data, "endpoint.json"), "utf8")) as Endpoint;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "integraviz-embed-"));
  const embedIn = ["--embed-in", "https://hub.example.org", "--embed-in", "vscode-webview:"];
  gateway = await startGateway(["--no-train", "--port", "0", "--data", data, ...embedIn]);
}, 120_000);
afterAll(async () => {
  await gateway?.stop();
  await rm(data, { recursive: true, force: true });
});

async function send(...events: object[]): Promise<void> {
  const headers = { authorization: `Bearer ${endpoint().token}`, "content-type": "application/json" };
  const answer = await fetch(`${endpoint().url}/v1/events`, { method: "POST", headers, body: JSON.stringify(events) });
  expect(await answer.json()).toMatchObject({ accepted: events.length });
}

const epochs = (run: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({
    run_id: run,
    kind: "on_epoch_end",
    epoch: from + i,
    logs: { loss: 1 / (from + i + 1), accuracy: 1 - 1 / (from + i + 2), val_loss: 1.1 / (from + i + 1) },
  }));

describe("/embed", () => {
  test("may be framed by pages of this machine and those that are named; the page by none", async () => {
    const policyOf = async (path: string) =>
      (await fetch(`${endpoint().url}${path}`)).headers.get("content-security-policy");
    const named = "https://hub.example.org vscode-webview:";
    expect(await policyOf("/embed")).toMatch(
      new RegExp(`; frame-ancestors 'self' http://localhost:\\* http://127.0.0.1:\\* ${named}$`),
    );
    expect(await policyOf("/")).toMatch(/; frame-ancestors 'none'$/);
  });

  test("is framed by nobody's guess: what is no origin is refused before anything starts", async () => {
    for (const all of ["*", "https:", "https://*", "https://hub.example.org/x", "https://a;script-src *", "data:"]) {
      const started = startGateway(["--data", data, "--embed-in", all]);
      await expect(started).rejects.toBeInstanceOf(GatewayEnded);
      await expect(started).rejects.toMatchObject({ code: 1, printed: expect.stringContaining("Give an origin") });
    }
  }, 120_000);
});

describe.skipIf(!hasBrowser)("/embed in a frame", () => {
  let browser: Browser;
  let page: Page;
  let notebook: Server;
  /** What the page and its frames asked servers for. */
  const asked: string[] = [];
  /** A page of another port, as Jupyter's is. */
  const notebookUrl = (host: string) => `http://${host}:${(notebook.address() as AddressInfo).port}`;

  beforeAll(async () => {
    browser = await launch();
    notebook = createServer((request, response) => {
      response.setHeader("content-type", "text/html");
      response.end(request.url === "/" ? "<!doctype html><title>A notebook</title>" : "");
    });
    await new Promise<void>((resolve) => notebook.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => page?.context().close());
  afterAll(async () => {
    await browser?.close();
    notebook?.close();
  });

  async function narrowToken(): Promise<string> {
    const headers = { authorization: `Bearer ${endpoint().readToken}` };
    const answer = await fetch(`${endpoint().url}/embed`, { method: "POST", headers });
    return ((await answer.json()) as { token: string }).token;
  }

  /** Opens a notebook with the charts of a run in a frame. */
  async function frame(run: string, token: string, host = "localhost"): Promise<Frame> {
    const args = ["--host-resolver-rules=MAP elsewhere.test 127.0.0.1"];
    if (host === "elsewhere.test") {
      await browser.close();
      browser = await launch(args);
    }
    page = await (await browser.newContext({ viewport: { width: 1000, height: 700 } })).newPage();
    asked.length = 0;
    page.on("request", (request) => asked.push(request.url().replace(/#.*/, "")));
    await page.goto(notebookUrl(host));
    const address = `${endpoint().url}/embed#project=default&run=${run}&token=${token}`;
    await page.evaluate((src) => {
      const frame = Object.assign(document.createElement("iframe"), { src, width: "100%", height: "560" });
      document.body.append(frame);
    }, address);
    return (await (await page.waitForSelector("iframe")).contentFrame()) as Frame;
  }

  const points = (charts: Frame, metric: string, count: number) =>
    charts.waitForSelector(`[data-testid="line-chart"][data-metric="${metric}"][data-points="${count}"]`);

  test("shows gauges and lines of one run, which grow, by a token alone that leaves the address", async () => {
    await send(...epochs("grows", 0, 3), ...epochs("another", 0, 9));
    const charts = await frame("grows", await narrowToken());
    await points(charts, "loss", 6);
    await charts.waitForSelector('[data-testid="embed-status"][data-status="live"]', { state: "attached" });
    await send(...epochs("grows", 3, 5), { run_id: "grows", kind: "on_train_end" });
    await points(charts, "loss", 10);
    await charts.waitForSelector('[data-testid="gauge"][data-metric="loss"][data-value="0.2"]');
    await charts.waitForSelector('.state[data-state="finished"]');
    expect(await charts.getByTestId("focus-name").textContent()).toBe("grows");
    expect(await charts.getByTestId("stop-run").count()).toBe(0);
    expect(charts.url()).toBe(`${endpoint().url}/embed#project=default&run=grows`);
    expect(await page.context().cookies()).toEqual([]);
    expect(asked.filter((address) => /token|eyJ|session/.test(address))).toEqual([]);
    expect(asked.filter((address) => address.includes("/v1/stream?")).length).toBeGreaterThan(0);
  }, 60_000);

  test("waits for a run that has not begun", async () => {
    const charts = await frame("to-come", await narrowToken());
    await charts.getByText("There is no run to-come yet.").waitFor();
    await send(...epochs("to-come", 0, 2));
    await points(charts, "accuracy", 2);
    expect(await charts.getByTestId("embed-said").isVisible()).toBe(false);
  }, 60_000);

  test("says what to do when the token is not good, or gone", async () => {
    await send(...epochs("refused", 0, 2));
    const { token } = await issueToken(data, { actor: "x", projects: ["default"], scopes: ["ingest"] });
    for (const bad of ["nonsense", ""]) {
      const charts = await frame("refused", bad);
      await charts.getByText("Run the cell that shows the run once more.").waitFor();
      await page.context().close();
    }
    const charts = await frame("refused", token);
    await charts.getByText("The token lacks the scope read.").waitFor();
  }, 60_000);

  test("is not shown by a page of elsewhere, nor the page by any", async () => {
    await send(...epochs("hidden", 0, 2));
    const charts = await frame("hidden", await narrowToken(), "elsewhere.test");
    await expect.poll(() => charts.url(), { timeout: 20_000 }).toMatch(/^chrome-error:/);
    await page.context().close();
    await frame("hidden", await narrowToken());
    await page.evaluate((src) => {
      (document.querySelector("iframe") as HTMLIFrameElement).src = src;
    }, `${endpoint().url}/`);
    await expect.poll(() => page.frames()[1]?.url(), { timeout: 20_000 }).toMatch(/^chrome-error:/);
  }, 60_000);
});
