import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildLivePage } from "../../../dashboards/live/build.ts";
import { type FakeServer, startFakeServer } from "../../stand-ins/page-server.ts";
import { axeFindings, hasBrowser, launch, ready } from "./browser.ts";
import { liveSample, type Sample, sampleEpoch, sampleRun, sampleSweep } from "./sample-runs.ts";

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };
const lossByEpoch = (runs: string[]) => ({
  columns: ["run", "epoch", "value"].map((name) => ({ name, type: "text" })),
  rows: runs.flatMap((run) => [0, 1, 2].map((epoch) => [run, epoch, 1 / (epoch + 1)])),
  truncated: false,
});
const TWENTY = Array.from({ length: 20 }, (_, i) => `a rather long name, number ${i}`);

describe.skipIf(!hasBrowser)("the live page in a browser", () => {
  let root: string;
  let browser: Browser;
  let fake: FakeServer;
  let live: Sample;
  let sweep: Sample[];
  const problems: string[] = [];

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
    live = liveSample(now);
    sweep = sampleSweep(now);
    fake = await startFakeServer({
      root,
      projects: ["mnist", "empty"],
      sql: (statement) =>
        statement.startsWith("DROP")
          ? { status: 400, detail: "Only SELECT may run.", fix: "Ask with SELECT." }
          : lossByEpoch(statement.includes("twenty") ? TWENTY : ["a", "b"]),
    });
    for (const sample of [...sweep, live]) for (const event of sampleRun(sample)) fake.log().append(event);
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await fake.close();
    expect(problems).toEqual([]);
  });

  async function open(address = fake.link, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: WIDE, ...options });
    const page = await context.newPage();
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      // What the server refuses and connections that are cut are part of some tests.
      const isNetwork = /status of (4|503)|net::ERR/.test(message.text());
      if (message.type() === "error" && !isNetwork) problems.push(message.text());
    });
    await page.goto(address);
    return page;
  }

  const chart = (page: Page, metric: string) => page.locator(`[data-testid="line-chart"][data-metric="${metric}"]`);
  const gauge = (page: Page, metric: string) => page.locator(`[data-testid="gauge"][data-metric="${metric}"]`);
  const number = async (page: Page, metric: string, name: string) =>
    Number(await chart(page, metric).getAttribute(name));
  const allRuns = () => [...sweep, live].map((sample) => `run=${sample.run}`).join("&");

  describe("logging in", () => {
    it("takes the token from the link and out of the address, keeping the view", async () => {
      const page = await open(`${fake.link}&x=step`);
      await ready(page);
      expect(page.url()).toBe(`${fake.origin}/#x=step`);
      expect(await page.evaluate(() => document.cookie)).toBe("");
      await page.reload();
      await ready(page);
    });

    it("asks for a token without one, and again when it is not good", async () => {
      const page = await open(fake.origin);
      await page.getByTestId("login-token").fill("nonsense");
      await page.keyboard.press("Enter");
      await page.getByText("This token is not good. Copy it again.").waitFor();
      await page.getByTestId("login-token").fill("a-token-for-the-fake");
      await page.keyboard.press("Enter");
      await ready(page);
      await page.getByTestId("logout").click();
      await page.getByTestId("login").waitFor();
    });

    it("waits for a server that fails, instead of asking someone who is logged in", async () => {
      const page = await open();
      await ready(page);
      fake.fail("/v1/session", 1000);
      await page.reload();
      await expectText(page.getByTestId("waiting"), "The database is restarting.");
      fake.fail("/v1/session", 0);
      await ready(page);
    });

    it("takes the token from a link that is pasted into an open page", async () => {
      const page = await open(fake.origin);
      await page.getByTestId("login").waitFor();
      const paste = (hash: string) => page.evaluate((to) => location.assign(to), `#${hash}`);
      await paste("token=nonsense");
      await page.getByText("This token is not good. Copy it again.").waitFor();
      await paste("token=a-token-for-the-fake&x=step");
      await ready(page);
      expect(page.url()).toBe(`${fake.origin}/#x=step`);
      await paste("token=a-token-for-the-fake&tab=table");
      await page.getByTestId("runs-table").waitFor();
      expect(page.url()).toBe(`${fake.origin}/#tab=table`);
    });

    it("comes back to the login when the session ends under it", async () => {
      const page = await open();
      await ready(page);
      fake.endSession();
      await page.getByText("The session has ended.").waitFor();
    });
  });

  describe("a run that trains", () => {
    it("is what is shown first: gauges and lines of accuracy and loss", async () => {
      const page = await open();
      await ready(page);
      await expectText(page.getByTestId("focus-name"), "convnet-8");
      expect(
        await page
          .getByTestId("line-chart")
          .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.metric)),
      ).toEqual(["accuracy", "loss"]);
      expect(Number(await gauge(page, "accuracy").getAttribute("data-value"))).toBeGreaterThan(0.5);
      await expect
        .poll(() => chart(page, "loss").getAttribute("aria-label"))
        .toMatch(/^loss by epoch\. convnet-8 train: [\d.]+ after 4 points/);
    });

    it("grows in gauge, line, list and words as points arrive", async () => {
      const page = await open();
      await ready(page);
      const points = await number(page, "loss", "data-points");
      const batch = { run: live.run, kind: "on_train_batch_end", epoch: 4, step: 64, batch: 0 };
      fake.push("mnist", { ...batch, logs: { loss: 0.123, accuracy: 0.987 } });
      await page.waitForSelector('[data-testid="gauge"][data-metric="accuracy"][data-value="0.987"]');
      await expectText(gauge(page, "accuracy"), "epoch 4, batch 0");
      fake.push("mnist", { run: live.run, kind: "on_epoch_end", epoch: 4, logs: { loss: 0.111, val_loss: 0.222 } });
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-last="0.111"]');
      await expect.poll(() => number(page, "loss", "data-points")).toBe(points + 2);
      await expect
        .poll(() => page.locator(`[data-testid="run"][data-run="${live.run}"]`).textContent())
        .toContain("0.2220");
    });

    it("leaves the page when it is purged, and the others stay", async () => {
      const page = await open(`${fake.link}&${allRuns()}`);
      await ready(page);
      const row = page.locator(`[data-testid="run"][data-run="${live.run}"]`);
      await row.waitFor();
      const others = (await page.getByTestId("run").count()) - 1;
      fake.push("mnist", { run: live.run, kind: "purge", actor: "ada", logs: { reason: "asked for" } });
      await row.waitFor({ state: "detached" });
      expect(await page.getByTestId("run").count()).toBe(others);
      await expect.poll(() => page.getByTestId("focus-name").textContent()).not.toBe("convnet-8");
      const points = await number(page, "loss", "data-points");
      fake.push("mnist", { run: sweep[0]!.run, kind: "on_epoch_end", epoch: 99, logs: { loss: 0.111 } });
      await expect.poll(() => number(page, "loss", "data-points")).toBe(points + 1);
    });

    it("costs as many bytes for a tick late in its life as early", async () => {
      const page = await open(`${fake.link}&x=step`);
      await ready(page);
      let step = 1000;
      const tick = async () => {
        const before = fake.sent.stream;
        step++;
        const logs = { loss: 0.5, accuracy: Number((0.5 + step / 1e5).toFixed(5)) };
        fake.push("mnist", { run: live.run, kind: "on_train_batch_end", epoch: 9, step, batch: 1, logs });
        await page.waitForSelector(`[data-testid="gauge"][data-value="${logs.accuracy}"]`);
        return fake.sent.stream - before;
      };
      const early = await tick();
      const requests = fake.requests.length;
      const many = Array.from({ length: 3000 }, (_, i) => ({
        run: live.run,
        kind: "on_train_batch_end",
        epoch: 9,
        step: step + i + 1,
        batch: 1,
        logs: { loss: i % 5, accuracy: 0.5 },
      }));
      step += many.length;
      fake.push("mnist", ...many);
      const late = await tick();
      expect(late).toBeLessThan(early + 40);
      expect(fake.requests.length).toBe(requests);
      await expect.poll(() => number(page, "loss", "data-points")).toBeGreaterThan(3000);
    });

    it("goes on where it was when the connection is lost", async () => {
      const page = await open();
      await ready(page);
      const points = await number(page, "loss", "data-points");
      fake.dropStreams();
      fake.push("mnist", { run: live.run, kind: "on_epoch_end", epoch: 4, logs: { loss: 0.1111 } });
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-last="0.1111"]');
      await expect.poll(() => number(page, "loss", "data-points")).toBe(points + 1);
      await page.waitForSelector('[data-testid="live"][data-status="live"]');
    });

    it("rests while nobody looks and catches up after, reading anew what would be too much to send", async () => {
      const page = await open();
      await page.clock.install();
      await ready(page);
      fake.push("mnist", { run: live.run, kind: "on_train_batch_end", epoch: 4, step: 63, logs: { loss: 0.9 } });
      await page.waitForSelector('[data-testid="gauge"][data-metric="loss"][data-value="0.9"]');
      const look = (hidden: boolean) =>
        page.evaluate((value) => {
          Object.defineProperty(document, "hidden", { value, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }, hidden);
      await look(true);
      await page.clock.fastForward(31_000);
      await expect.poll(fake.listeners).toBe(0);
      const missed = { run: live.run, kind: "on_train_batch_end", epoch: 4, logs: { accuracy: 0.5 } };
      fake.push("mnist", ...Array.from({ length: 5100 }, (_, i) => ({ ...missed, step: 64 + i, batch: i })));
      fake.push("mnist", { run: live.run, kind: "on_epoch_end", epoch: 4, logs: { loss: 0.0123 } });
      fake.push("mnist", { run: sweep[0]!.run, kind: "purge", actor: "ada", logs: { reason: "asked for" } });
      const before = fake.sent.stream;
      await look(false);
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-last="0.0123"]');
      await page.waitForSelector('[data-testid="gauge"][data-metric="loss"][data-value="0.0123"]');
      await page.locator(`[data-testid="run"][data-run="${sweep[0]!.run}"]`).waitFor({ state: "detached" });
      await expect.poll(() => number(page, "loss", "data-points")).toBe(9);
      expect(fake.sent.stream).toBe(before);
    }, 90_000);

    it.each([
      ["no step", { epoch: 0 }],
      ["neither step nor epoch", {}],
    ])("is drawn by another axis where its client sends %s", async (_, axis) => {
      const page = await open(`${fake.link}&project=empty`);
      await page.getByTestId("empty").waitFor();
      for (const loss of [3, 2, 1])
        fake.push("empty", { run: "plain", kind: "on_train_batch_end", ...axis, logs: { loss } });
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-points="3"]');
      await page.locator('.segments [data-value="time"][aria-pressed="true"]').waitFor();
    });

    it("is followed where the API can only be polled", async () => {
      await fake.close();
      fake = await startFakeServer({ root, poll: true });
      for (const event of sampleRun(live)) fake.log().append(event);
      const page = await open();
      await page.waitForSelector('[data-testid="live"][data-status="polling"]');
      fake.push("mnist", { run: live.run, kind: "on_epoch_end", epoch: 4, logs: { loss: 0.0321 } });
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-last="0.0321"]');
      expect(await page.getByTestId("live").getAttribute("data-status")).toBe("polling");
    });

    it("is followed by the next one, as long as no run was chosen", async () => {
      const page = await open();
      await ready(page);
      fake.push(
        "mnist",
        ...sampleRun({ ...live, run: "next", name: "convnet-9", epochs: 0, start: Date.now() + 1000 }),
      );
      await expectText(page.getByTestId("focus-name"), "convnet-9");
      fake.push("mnist", ...sampleEpoch({ ...live, run: "next" }, 0));
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-points="17"]');
    });

    it("is stopped by keyboard alone, with a reason, and says so until it answers", async () => {
      const page = await open();
      await ready(page);
      await page.keyboard.press("Tab");
      await expectText(page.locator(":focus"), "Skip to the charts");
      await page.keyboard.press("Enter");
      await tabTo(page, "stop-run");
      await page.keyboard.press("Enter");
      await page.locator("dialog :focus").waitFor();
      await expect.poll(() => page.locator(":focus").getAttribute("data-testid")).toBe("stop-reason");
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });
      await expect.poll(() => page.locator(":focus").getAttribute("data-testid")).toBe("stop-run");
      await page.keyboard.press("Enter");
      await page.keyboard.type("The validation loss rises");
      await tabTo(page, "stop-dialog-send");
      await page.keyboard.press("Enter");
      await expectText(page.getByTestId("stop-asked"), "Stop asked by ada@example.org");
      await expectText(page.getByTestId("stop-asked"), "The validation loss rises");
      await expectText(page.getByTestId("focus-state"), "stopping");
      fake.push("mnist", { run: live.run, kind: "on_train_end", logs: { status: "stopped" } });
      await expectText(page.getByTestId("focus-state"), "stopped");
      await page.getByTestId("stop-run").waitFor({ state: "hidden" });
      await expectText(page.getByTestId("stop-asked"), "Stopped as asked by ada@example.org");
    });
  });

  describe("comparing runs", () => {
    it("overlays the runs of a shared link, and groups them by a param", async () => {
      const page = await open(`${fake.link}&${allRuns()}`);
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-lines="16"]');
      await page.getByTestId("group-by").selectOption("learning_rate");
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-lines="6"]');
      await expect.poll(() => page.url()).toContain("groupBy=learning_rate");
      await expectText(page.getByTestId("legend"), "learning_rate = 0.003 (3)");
      await page.getByRole("button", { name: "Train", exact: true }).click();
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-lines="3"]');
    });

    it("marks values that are not finite", async () => {
      const page = await open(`${fake.link}&run=${sweep[3]!.run}`);
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-not-finite="10"]');
      await expectText(gauge(page, "loss"), "NaN");
      await chart(page, "loss").hover({ position: { x: 380, y: 100 } });
      await page.getByText("▲ NaN").first().waitFor();
    });

    it("adds and removes runs without reading again what stands still", async () => {
      const page = await open(`${fake.link}&run=${sweep[0]!.run}`);
      await ready(page);
      await page.getByLabel("Show convnet-2 in the charts").first().check();
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-lines="4"]');
      const last = fake.requests.filter(({ path }) => path.startsWith("/v1/series")).at(-1)!;
      expect(last.path).not.toContain(sweep[0]!.run);
      await page.getByLabel("Show convnet-1 in the charts").first().uncheck();
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-lines="2"]');
      // Should one of them speak after all, all is read anew and nothing is missing or twice.
      fake.push("mnist", { run: sweep[1]!.run, kind: "on_epoch_end", epoch: 12, logs: { loss: 0.01 } });
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-points="25"]');
    });

    it("changes axis, scale and smoothing, and keeps them in the address", async () => {
      const page = await open();
      await ready(page);
      await page.getByRole("button", { name: "Step", exact: true }).click();
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-points="68"]');
      await page.getByRole("button", { name: "log axis for loss" }).click();
      await page.getByTestId("smoothing").fill("0.6");
      await expect.poll(() => new URL(page.url()).hash).toBe("#x=step&log=loss&smoothing=0.6");
    });

    it("renames, notes, archives and restores", async () => {
      const page = await open();
      await ready(page);
      await page.getByTestId("edit-run").click();
      await page.getByTestId("edit-name").fill("wide net");
      await page.getByTestId("edit-note").fill("twice the filters");
      await page.getByTestId("edit-dialog-send").click();
      await expectText(page.getByTestId("focus-name"), "wide net");
      await expectText(page.getByTestId("figure-three"), "twice the filters");
      const row = page.locator(`[data-testid="runs"] [data-run="${live.run}"]`);
      await page.getByTestId("archive-run").click();
      await row.waitFor({ state: "detached" });
      await page.getByTestId("runs").locator("..").getByTestId("show-archived").check();
      await row.waitFor();
      await row.getByTestId("run-open").click();
      await page.getByTestId("archive-run").getByText("Restore").click();
      await page.getByTestId("archive-run").getByText("Archive").waitFor();
    });

    it("are chosen on a narrow page by keyboard alone: the list stays open until one is looked at", async () => {
      const page = await open(fake.link, { viewport: NARROW });
      await ready(page);
      await page.getByRole("button", { name: "Runs" }).press("Enter");
      const focused = () => page.locator(":focus").getAttribute("aria-label");
      await tabUntil(page, async () => (await focused()) === "Show convnet-2 in the charts");
      await page.keyboard.press("Space");
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-lines="4"]');
      expect(await focused()).toBe("Show convnet-2 in the charts");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await expectText(page.getByTestId("focus-name"), "convnet-2");
      await expect.poll(() => page.getByTestId("runs").isVisible()).toBe(false);
      await expectText(page.locator(":focus"), "Runs");
    });

    it("are filtered by the server, and sorted as far as they are loaded", async () => {
      for (let i = 0; i < 130; i++) {
        const run = `old-${i}`;
        fake.log().append({ run, kind: "on_epoch_end", at: i, epoch: 0, logs: { loss: 1000 - i } });
        fake.log().append({ run, kind: "on_train_end", at: i, logs: { status: i === 0 ? "failed" : "finished" } });
      }
      const page = await open(`${fake.link}&sort=best:train:loss`);
      await ready(page);
      const said = page.getByTestId("runs").locator("..").getByTestId("runs-order");
      await expectText(said, "Sorted among the 100 runs loaded; there are more.");
      await page.getByTestId("runs-state").first().selectOption("failed");
      await page.locator('[data-testid="runs"] [data-run="old-0"]').waitFor();
      await page.getByTestId("runs-state").first().selectOption("");
      await said.waitFor();
      await page.getByTestId("tab-table").click();
      await page.getByTestId("runs-table").getByRole("button", { name: "Load more runs" }).click();
      await expect.poll(() => page.getByTestId("runs-table").locator("tbody tr").count()).toBe(138);
    });

    it("are as many as can be told apart, which is said to who wants one more", async () => {
      for (let i = 0; i < 51; i++)
        fake.log().append({ run: `old-${i}`, kind: "on_epoch_end", at: i, epoch: 0, logs: { loss: i } });
      const page = await open(`${fake.link}&${Array.from({ length: 50 }, (_, i) => `run=old-${i}`).join("&")}`);
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-lines="50"]');
      await page.getByLabel("Show old-50 in the charts").first().click();
      await expectText(page.getByTestId("notices"), "50 runs are in the charts");
      expect(await page.getByLabel("Show old-50 in the charts").first().isChecked()).toBe(false);
      await page.getByLabel("Show old-49 in the charts").first().uncheck();
      await page.getByLabel("Show old-50 in the charts").first().check();
      await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-lines="50"]');
    });

    it("lists, filters and sorts", async () => {
      const page = await open();
      await ready(page);
      const list = page.getByTestId("runs");
      const names = () => list.locator(".run-title").allInnerTexts();
      await page.getByTestId("runs-sort").first().selectOption("best:validation:loss");
      await expect.poll(async () => (await names())[0]).toBe("convnet-6");
      await page.getByTestId("runs-state").first().selectOption("failed");
      await expect.poll(names).toEqual(["convnet-4"]);
      await page.getByTestId("runs-state").first().selectOption("");
      await page.getByTestId("runs-filter").first().fill("NET-2");
      await expect.poll(names).toEqual(["convnet-2"]);
      await page.getByTestId("tab-table").click();
      await page.getByTestId("runs-table").getByRole("button", { name: "learning_rate" }).click();
      await expectText(page.locator("th[aria-sort]"), "learning_rate");
    });
  });

  describe("SQL", () => {
    it("answers with a table and a chart, by Ctrl+Enter", async () => {
      const page = await open(`${fake.link}&tab=sql`);
      await page.getByTestId("sql-text").fill("SELECT 1");
      await page.keyboard.press("Control+Enter");
      await expectText(page.getByTestId("sql-summary"), "6 rows in 3 ms");
      await expect.poll(() => page.getByTestId("sql-table").locator("tbody tr").count()).toBe(6);
      await expect
        .poll(() => page.getByTestId("sql-chart").getAttribute("aria-label"))
        .toContain("value by epoch: 2 series, 6 points");
    });

    it("says what was refused and how to mend it", async () => {
      const page = await open(`${fake.link}&tab=sql`);
      await page.getByTestId("sql-text").fill("DROP TABLE events");
      await page.getByTestId("sql-run").click();
      await expectText(page.getByTestId("sql-problem"), "Only SELECT may run. Ask with SELECT.");
    });
  });

  it("says how to send the first event where there is none, and shows it when it comes", async () => {
    const page = await open(`${fake.link}&project=empty`);
    await expectText(page.getByTestId("empty"), `curl ${fake.origin}/v1/events`);
    await page.waitForSelector('[data-testid="live"][data-status="live"]');
    fake.push("empty", { run: "first-run", kind: "on_epoch_end", epoch: 0, logs: { loss: 0.9 } });
    await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-points="1"]');
    await page.getByTestId("project").selectOption("mnist");
    await expectText(page.getByTestId("focus-name"), "convnet-8");
  });

  it("remembers the theme that was chosen", async () => {
    const page = await open();
    await ready(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.getByTestId("theme").click();
    const light = await ground();
    await page.getByTestId("theme").click();
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    await ready(page);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    expect(await ground()).toBe(dark);
    await page.getByTestId("theme").click();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(ground).toBe(dark);
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(ground).toBe(light);
  });

  it("hides what the token may not do", async () => {
    await fake.close();
    fake = await startFakeServer({ root, scopes: ["read"] });
    for (const event of sampleRun(live)) fake.log().append(event);
    const page = await open();
    await ready(page);
    expect(await page.getByTestId("stop-run").isVisible()).toBe(false);
    expect(await page.getByTestId("edit-run").isVisible()).toBe(false);
  });

  describe.each(["light", "dark"] as const)(
    "in %s, axe-core finds nothing and nothing is wider than the page",
    (colorScheme) => {
      it.each([
        ["wide", WIDE],
        ["narrow", NARROW],
      ] as const)("in the %s page", async (_, viewport) => {
        const page = await open(`${fake.link}&${allRuns()}`, { colorScheme, viewport });
        const check = async () => {
          expect(await axeFindings(page)).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
        };
        await ready(page);
        await check();
        if (viewport === NARROW) {
          await page.getByRole("button", { name: "Runs" }).click();
          await check();
        }
        await page.getByTestId("stop-run").click();
        await check();
        await page.getByTestId("stop-reason").fill("enough");
        await page.getByTestId("stop-dialog-send").click();
        await page.getByTestId("stop-asked").waitFor();
        await check();
        await page.getByTestId("tab-table").click();
        await page.getByTestId("runs-table").locator("tbody tr").first().waitFor();
        await check();
        await page.getByTestId("tab-sql").click();
        await page.getByTestId("sql-run").click();
        await page.getByTestId("sql-table").waitFor();
        await check();
        await page.getByTestId("project").selectOption("empty");
        await page.getByTestId("tab-charts").click();
        await page.getByTestId("empty").waitFor();
        await check();
        await page.getByTestId("logout").click();
        await page.getByTestId("login").waitFor();
        await check();
      });

      it("in legends of twenty groups, which can be scrolled by keyboard", async () => {
        for (let i = 0; i < 20; i++) {
          const run = `many-${i}`;
          fake.log().append({ run, kind: "params", logs: { seed: `a rather long value, number ${i}` } });
          fake.log().append({ run, kind: "on_epoch_end", epoch: 0, logs: { loss: i } });
        }
        const runs = Array.from({ length: 20 }, (_, i) => `run=many-${i}`).join("&");
        const page = await open(`${fake.link}&${runs}&groupBy=seed`, { colorScheme, viewport: NARROW });
        await page.waitForSelector('[data-testid="line-chart"][data-metric="loss"][data-lines="20"]');
        const scrolls = (legend: Element) => legend.scrollHeight > legend.clientHeight;
        expect(await page.getByTestId("legend").evaluate(scrolls)).toBe(true);
        expect(await axeFindings(page)).toEqual([]);
        await page.getByTestId("tab-sql").click();
        await page.getByTestId("sql-text").fill("SELECT twenty");
        await page.getByTestId("sql-run").click();
        await page.getByTestId("sql-table").waitFor();
        await page.getByLabel("One series per value of").selectOption("run");
        expect(await page.getByTestId("sql-legend").evaluate(scrolls)).toBe(true);
        expect(await axeFindings(page)).toEqual([]);
      });
    },
  );
});

async function expectText(locator: ReturnType<Page["locator"]>, text: string) {
  await locator.filter({ hasText: text }).first().waitFor();
}

/** Presses Tab until an element is reached: the way of someone without a mouse. */
async function tabTo(page: Page, testid: string) {
  await tabUntil(page, async () => (await page.locator(":focus").getAttribute("data-testid")) === testid);
}

async function tabUntil(page: Page, isReached: () => Promise<boolean>) {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    if (await isReached()) return;
  }
  throw new Error("Not reached by Tab");
}
