import { describe, expect, test } from "vitest";
import { hasBrowser, ready } from "../browser.ts";
import { expectText, untilMeasured, usePage } from "./use-page.ts";

describe.skipIf(!hasBrowser)("a first visit", () => {
  const site = usePage();

  test("says how to send the first event where there is none, and shows it when it comes", async () => {
    const page = await site.open(`${site.server.link}&project=empty`);
    await expectText(page.getByTestId("empty"), `curl ${site.server.origin}/v1/events`);
    await page.waitForSelector('[data-testid="live"][data-status="live"]');
    site.server.push("empty", { run: "first-run", kind: "on_epoch_end", epoch: 0, logs: { loss: 0.9 } });
    await untilMeasured(page, "loss", "points", 1);
    await page.getByTestId("project").selectOption("mnist");
    await expectText(page.getByTestId("focus-name"), "convnet-8");
  });

  test("remembers the theme that was chosen", async () => {
    const page = await site.open();
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
});
