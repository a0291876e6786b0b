import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { axeFindings, hasBrowser, ready } from "../browser.ts";
import { expectText, NARROW, tabUntil, untilMeasured, usePage, WIDE } from "./use-page.ts";

const charts = (page: Page) =>
  page.getByTestId("line-chart").evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.metric));
const pressed = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

describe.skipIf(!hasBrowser)("a view", () => {
  const site = usePage();

  test("has the charts that were pinned first, in an order and a size of one's own, by keyboard alone", async () => {
    site.server.log().append({ run: site.live.run, kind: "on_epoch_end", epoch: 4, logs: { f1: 0.5, zeta: 1 } });
    const page = await site.open();
    await ready(page);
    await expect.poll(() => charts(page)).toEqual(["accuracy", "loss", "f1", "zeta"]);
    const focused = () => page.locator(":focus").getAttribute("aria-label");
    await page.getByRole("link", { name: "Skip to the charts" }).press("Enter");
    await tabUntil(page, async () => (await focused()) === "Pin zeta");
    await page.keyboard.press("Enter");
    await expect.poll(() => charts(page)).toEqual(["zeta", "accuracy", "loss", "f1"]);
    expect(await focused()).toBe("Unpin zeta");
    await pressed(page, "Pin loss");
    await expect.poll(() => charts(page)).toEqual(["zeta", "loss", "accuracy", "f1"]);
    await page.getByRole("button", { name: "Move earlier loss" }).press("Enter");
    await expect.poll(() => charts(page)).toEqual(["loss", "zeta", "accuracy", "f1"]);
    await pressed(page, "Enlarge f1");
    await expect.poll(() => new URL(page.url()).hash).toBe("#project=mnist&pin=loss&pin=zeta&large=f1");
    await page.reload();
    await ready(page);
    await expect.poll(() => charts(page)).toEqual(["loss", "zeta", "accuracy", "f1"]);
    await page.locator('.chart.large[data-metric="f1"]').waitFor();
  });

  test("lists runs whose params are as asked, and the columns that were chosen", async () => {
    const page = await site.open(`${site.server.link}&tab=table`);
    const table = page.getByTestId("runs-table");
    await table.locator("tbody tr").nth(7).waitFor();
    await table.getByText("By param").click();
    await table.getByLabel("Param", { exact: true }).selectOption("learning_rate");
    await table.getByLabel("Comparison").selectOption("<");
    await table.getByLabel("Value of the param").fill("0.01");
    await page.keyboard.press("Enter");
    await expect.poll(() => table.locator("tbody tr").count()).toBe(6);
    await table.getByLabel("Param", { exact: true }).selectOption("optimizer");
    await table.getByLabel("Comparison").selectOption("!=");
    await table.getByLabel("Value of the param").fill("adam");
    await page.keyboard.press("Enter");
    await expect.poll(() => table.locator("tbody tr").count()).toBe(0);
    await table.getByRole("button", { name: "Remove optimizer != adam" }).click();
    await expect.poll(() => table.locator("tbody tr").count()).toBe(6);
    await table.locator("summary", { hasText: "Columns" }).click();
    const headings = () => table.locator("thead th").allInnerTexts();
    const before = await headings();
    await table.getByLabel("Note", { exact: true }).uncheck();
    await expect.poll(headings).toEqual(before.filter((heading) => heading !== "Note"));
    await table.getByLabel("State", { exact: true }).uncheck();
    await expect.poll(headings).toEqual(before.filter((heading) => heading !== "Note" && heading !== "State"));
    await expect.poll(() => page.url()).toContain("&column=");
    await page.reload();
    await expect.poll(headings).toEqual(before.filter((heading) => heading !== "Note" && heading !== "State"));
    await expect.poll(() => table.locator("tbody tr").count()).toBe(6);
    await table.locator("summary", { hasText: /^Columns, \d+ of \d+$/ }).click();
    await table.getByRole("button", { name: "All columns" }).click();
    await expect.poll(headings).toEqual(before);
  });

  test("is kept under a name, and opened by its link in another browser", async () => {
    const page = await site.open(`${site.server.link}&x=step&pin=loss&param=learning_rate+%3C+0.01`);
    await ready(page);
    await page.getByTestId("views").click();
    await page.getByText("None yet.").waitFor();
    await page.getByTestId("view-name").fill("slow ones");
    await page.keyboard.press("Enter");
    await expectText(page.getByTestId("notices"), "Kept as “slow ones”.");
    expect(site.server.requests.at(-1)?.body).toEqual({
      run: site.live.run,
      name: "slow ones",
      view: "x=step&pin=loss&param=learning_rate+%3C+0.01",
    });
    await page.getByTestId("views").click();
    const link = page.getByRole("link", { name: "slow ones" });
    await expectText(page.getByTestId("views-dialog"), "ada@example.org, just now");
    const address = await link.getAttribute("href");
    expect(address).toBe("#project=mnist&saved=slow+ones");

    const other = await site.open(`${site.server.link}&${address!.slice(1)}`, {});
    await ready(other);
    await expectText(other.getByTestId("notices"), "“slow ones”, as ada@example.org kept it just now.");
    await expect.poll(() => charts(other)).toEqual(["loss", "accuracy"]);
    await untilMeasured(other, "loss", "points", 68);
    await expect.poll(() => other.getByTestId("runs").locator("li").count()).toBe(6);
    await expect
      .poll(() => new URL(other.url()).hash)
      .toBe("#project=mnist&x=step&pin=loss&param=learning_rate+%3C+0.01");

    await page.getByRole("button", { name: "Remove slow ones" }).click();
    await page.getByText("None yet.").waitFor();
    expect([...site.server.views.keys()]).toEqual([]);
  });

  test("opens with a chart, a column and a run that are there no more", async () => {
    const view = `tab=charts&run=${site.live.run}&run=gone&pin=f1&pin=loss&large=f1&column=best:train:f1&column=state&sort=nothing`;
    site.server.views.set("old", { name: "old", view, actor: "eve", at: "2026-01-01T00:00:00Z" });
    const page = await site.open(`${site.server.link}&saved=old`);
    await ready(page);
    await expect.poll(() => charts(page)).toEqual(["loss", "accuracy"]);
    await expectText(page.getByTestId("gone-pins"), "Pinned, but in none of these runs: f1.");
    await page.getByRole("button", { name: "Unpin", exact: true }).click();
    await page.getByTestId("gone-pins").waitFor({ state: "hidden" });
    await page.getByTestId("tab-table").click();
    await expect
      .poll(() => page.getByTestId("runs-table").locator("thead th").allInnerTexts())
      .toEqual(["Name", "State"]);
  });

  test("that nobody kept is said to be none, and the page opens as it is", async () => {
    const page = await site.open(`${site.server.link}&saved=nothing`);
    await ready(page);
    await expectText(page.getByTestId("notices"), "There is no view “nothing” in mnist any more.");
    await expect.poll(() => new URL(page.url()).hash).toBe("#project=mnist");
  });

  test("that is told late does not lead back to the project that was left", async () => {
    await site.restart({ projects: ["mnist", "other"] });
    site.server.views.set("old", { name: "old", view: "x=step", actor: "eve", at: "2026-01-01T00:00:00Z" });
    const page = await site.open("about:blank");
    let answer = () => {};
    const isLeft = new Promise<void>((go) => {
      answer = go;
    });
    const late = page.waitForResponse((response) => response.url().includes("/views?project=mnist"));
    await page.route("**/views?project=mnist", (route) => isLeft.then(() => route.continue()));
    await page.goto(`${site.server.link}&saved=old`);
    await ready(page);
    await page.getByTestId("project").selectOption("other");
    await expect.poll(() => new URL(page.url()).hash).toBe("#project=other");
    answer();
    await (await late).finished();
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await page.getByTestId("project").inputValue()).toBe("other");
  });

  test("is read by who may only read, and not kept", async () => {
    await site.restart({ scopes: ["read"] });
    site.server.views.set("old", { name: "old", view: "x=step", actor: null, at: "2026-01-01T00:00:00Z" });
    const page = await site.open();
    await ready(page);
    await page.getByTestId("views").click();
    await page.getByRole("link", { name: "old" }).waitFor();
    expect(await page.getByTestId("view-name").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Remove old" }).count()).toBe(0);
  });

  test.each([
    ["light", WIDE],
    ["dark", WIDE],
    ["light", NARROW],
    ["dark", NARROW],
  ] as const)("fits the page, and axe-core finds nothing, in %s at %o", async (colorScheme, viewport) => {
    site.server.views.set("old", { name: "old", view: "x=step", actor: "eve", at: "2026-01-01T00:00:00Z" });
    const page = await site.open(`${site.server.link}&pin=loss&pin=gone&pin=accuracy&param=learning_rate+%3C+0.01`, {
      colorScheme,
      viewport,
    });
    const check = async () => {
      expect(await axeFindings(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    };
    await ready(page);
    if (viewport === NARROW) await page.getByRole("button", { name: "Runs" }).click();
    await page.locator('[data-testid="by-param"] summary').first().click();
    await check();
    await page.getByTestId("views").click();
    await page.getByRole("link", { name: "old" }).waitFor();
    await check();
    await page.keyboard.press("Escape");
    await page.getByTestId("tab-table").click();
    await page.getByTestId("columns").locator("summary").click();
    await check();
  });
});
