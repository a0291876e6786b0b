import { describe, expect, test } from "vitest";
import { axeFindings, hasBrowser, ready } from "../browser.ts";
import { lossByEpoch, NARROW, untilMeasured, usePage, WIDE } from "./use-page.ts";

const TWENTY = Array.from({ length: 20 }, (_, i) => `a rather long name, number ${i}`);

describe.skipIf(!hasBrowser)("accessibility", () => {
  const site = usePage({ sql: () => lossByEpoch(TWENTY) });

  describe.each(["light", "dark"] as const)(
    "in %s, axe-core finds nothing and nothing is wider than the page",
    (colorScheme) => {
      test.each([
        ["wide", WIDE],
        ["narrow", NARROW],
      ] as const)("in the %s page", async (_, viewport) => {
        const page = await site.open(`${site.server.link}&${site.allRuns()}`, { colorScheme, viewport });
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

      test("in legends of twenty groups, which can be scrolled by keyboard", async () => {
        for (let i = 0; i < 20; i++) {
          const run = `many-${i}`;
          site.server.log().append({ run, kind: "params", logs: { seed: `a rather long value, number ${i}` } });
          site.server.log().append({ run, kind: "on_epoch_end", epoch: 0, logs: { loss: i } });
        }
        const runs = Array.from({ length: 20 }, (_, i) => `run=many-${i}`).join("&");
        const page = await site.open(`${site.server.link}&${runs}&groupBy=seed`, { colorScheme, viewport: NARROW });
        await untilMeasured(page, "loss", "lines", 20);
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
