import { describe, expect, test } from "vitest";
import { hasBrowser } from "../browser.ts";
import { expectText, lossByEpoch, usePage } from "./use-page.ts";

describe.skipIf(!hasBrowser)("the SQL tab", () => {
  const site = usePage({
    sql: (statement) =>
      statement.startsWith("DROP")
        ? { status: 400, detail: "Only SELECT may run.", fix: "Ask with SELECT." }
        : lossByEpoch(["a", "b"]),
  });

  test("answers with a table and a chart, by Ctrl+Enter", async () => {
    const page = await site.open(`${site.server.link}&tab=sql`);
    await page.getByTestId("sql-text").fill("SELECT 1");
    await page.keyboard.press("Control+Enter");
    await expectText(page.getByTestId("sql-summary"), "6 rows in 3 ms");
    await expect.poll(() => page.getByTestId("sql-table").locator("tbody tr").count()).toBe(6);
    await expect
      .poll(() => page.getByTestId("sql-chart").getAttribute("aria-label"))
      .toContain("value by epoch: 2 series, 6 points");
  });

  test("says what was refused and how to mend it", async () => {
    const page = await site.open(`${site.server.link}&tab=sql`);
    await page.getByTestId("sql-text").fill("DROP TABLE events");
    await page.getByTestId("sql-run").click();
    await expectText(page.getByTestId("sql-problem"), "Only SELECT may run. Ask with SELECT.");
    await page.getByTestId("sql-text").fill("SELECT 1");
    await page.getByTestId("sql-run").click();
    await page.getByTestId("sql-chart").waitFor();
    await page.getByTestId("sql-text").fill("DROP TABLE events");
    await page.getByTestId("sql-run").click();
    await page.getByTestId("sql-table").waitFor({ state: "detached" });
    expect(await page.getByTestId("sql-chart").isVisible()).toBe(false);
  });
});
