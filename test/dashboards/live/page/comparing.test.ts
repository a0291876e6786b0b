import { describe, expect, test } from "vitest";
import { hasBrowser, ready } from "../browser.ts";
import { chart, expectText, gauge, NARROW, tabUntil, untilMeasured, usePage } from "./use-page.ts";

describe.skipIf(!hasBrowser)("comparing runs", () => {
  const site = usePage();

  test("overlays the runs of a shared link, and groups them by a param", async () => {
    const page = await site.open(`${site.server.link}&${site.allRuns()}`);
    await untilMeasured(page, "loss", "lines", 16);
    await page.getByTestId("group-by").selectOption("learning_rate");
    await untilMeasured(page, "loss", "lines", 6);
    await expect.poll(() => page.url()).toContain("groupBy=learning_rate");
    await expectText(page.getByTestId("legend"), "learning_rate = 0.003 (3)");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await untilMeasured(page, "loss", "lines", 3);
  });

  test("marks values that are not finite", async () => {
    const page = await site.open(`${site.server.link}&run=${site.sweep[3]!.run}`);
    await untilMeasured(page, "loss", "not-finite", 10);
    await expectText(gauge(page, "loss"), "NaN");
    await chart(page, "loss").hover({ position: { x: 380, y: 100 } });
    await page.getByText("▲ NaN").first().waitFor();
  });

  test("adds and removes runs without reading again what stands still", async () => {
    const page = await site.open(`${site.server.link}&run=${site.sweep[0]!.run}`);
    await ready(page);
    await page.getByLabel("Show convnet-2 in the charts").first().check();
    await untilMeasured(page, "loss", "lines", 4);
    const last = site.server.requests.filter(({ path }) => path.startsWith("/v1/series")).at(-1)!;
    expect(last.path).not.toContain(site.sweep[0]!.run);
    await page.getByLabel("Show convnet-1 in the charts").first().uncheck();
    await untilMeasured(page, "loss", "lines", 2);
    // Should one of them speak after all, all is read anew and nothing is missing or twice.
    site.server.push("mnist", { run: site.sweep[1]!.run, kind: "on_epoch_end", epoch: 12, logs: { loss: 0.01 } });
    await untilMeasured(page, "loss", "points", 25);
  });

  test("changes axis, scale and smoothing, and keeps them in the address", async () => {
    const page = await site.open();
    await ready(page);
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await untilMeasured(page, "loss", "points", 68);
    await page.getByRole("button", { name: "log axis for loss" }).click();
    await page.getByTestId("smoothing").fill("0.6");
    await expect.poll(() => new URL(page.url()).hash).toBe("#project=mnist&x=step&log=loss&smoothing=0.6");
  });

  test("renames, notes, archives and restores", async () => {
    const page = await site.open();
    await ready(page);
    await page.getByTestId("edit-run").click();
    await page.getByTestId("edit-name").fill("wide net");
    await page.getByTestId("edit-note").fill("twice the filters");
    await page.getByTestId("edit-dialog-send").click();
    await expectText(page.getByTestId("focus-name"), "wide net");
    await expectText(page.getByTestId("focused-run"), "twice the filters");
    const row = page.locator(`[data-testid="runs"] [data-run="${site.live.run}"]`);
    await page.getByTestId("archive-run").click();
    await row.waitFor({ state: "detached" });
    await page.getByTestId("runs").locator("..").getByTestId("show-archived").check();
    await row.waitFor();
    await row.getByTestId("run-open").click();
    await page.getByTestId("archive-run").getByText("Restore").click();
    await page.getByTestId("archive-run").getByText("Archive").waitFor();
  });

  test("are chosen on a narrow page by keyboard alone: the list stays open until one is looked at", async () => {
    const page = await site.open(site.server.link, { viewport: NARROW });
    await ready(page);
    await page.getByRole("button", { name: "Runs" }).press("Enter");
    const focused = () => page.locator(":focus").getAttribute("aria-label");
    await tabUntil(page, async () => (await focused()) === "Show convnet-2 in the charts");
    await page.keyboard.press("Space");
    await untilMeasured(page, "loss", "lines", 4);
    expect(await focused()).toBe("Show convnet-2 in the charts");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expectText(page.getByTestId("focus-name"), "convnet-2");
    await expect.poll(() => page.getByTestId("runs").isVisible()).toBe(false);
    await expectText(page.locator(":focus"), "Runs");
  });

  test("are filtered by the server, and sorted as far as they are loaded", async () => {
    for (let i = 0; i < 130; i++) {
      const run = `old-${i}`;
      site.server.log().append({ run, kind: "on_epoch_end", at: i, epoch: 0, logs: { loss: 1000 - i } });
      site.server.log().append({ run, kind: "on_train_end", at: i, logs: { status: i === 0 ? "failed" : "finished" } });
    }
    const page = await site.open(`${site.server.link}&sort=best:train:loss`);
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

  test("are as many as can be told apart, which is said to who wants one more", async () => {
    for (let i = 0; i < 51; i++)
      site.server.log().append({ run: `old-${i}`, kind: "on_epoch_end", at: i, epoch: 0, logs: { loss: i } });
    const page = await site.open(
      `${site.server.link}&${Array.from({ length: 50 }, (_, i) => `run=old-${i}`).join("&")}`,
    );
    await untilMeasured(page, "loss", "lines", 50);
    await page.getByLabel("Show old-50 in the charts").first().click();
    await expectText(page.getByTestId("notices"), "50 runs are in the charts");
    expect(await page.getByLabel("Show old-50 in the charts").first().isChecked()).toBe(false);
    await page.getByLabel("Show old-49 in the charts").first().uncheck();
    await page.getByLabel("Show old-50 in the charts").first().check();
    await untilMeasured(page, "loss", "lines", 50);
  });

  test("lists, filters and sorts", async () => {
    const page = await site.open();
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
