import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { pageDashboards } from "../../../../dashboards/page-dashboards.ts";
import { readSpec } from "../../../../dashboards/read-spec.ts";
import { shippedDashboards } from "../../../../dashboards/shipped.ts";
import { axeFindings, hasBrowser, ready } from "../browser.ts";
import { expectText, NARROW, tabUntil, usePage, WIDE } from "./use-page.ts";

const runMetrics = { dataset: "run_metrics", where: { level: "epoch", split: "validation" } };

/** A panel of each kind, as a team would write it. */
const own = readSpec(
  {
    version: 1,
    key: "own",
    title: "Ours",
    description: "What we look at.",
    datasets: shippedDashboards([])[0]!.datasets,
    filters: shippedDashboards([])[0]!.filters,
    rows: [
      {
        height: 260,
        panels: [
          { kind: "gauge", key: "gauge", title: "F1", width: 3, ...runMetrics, measure: "best_of_run", min: 0, max: 1 },
          {
            kind: "number",
            key: "number",
            title: "Runs",
            width: 3,
            dataset: "runs",
            measure: "runs",
            format: "integer",
          },
          {
            kind: "text",
            key: "text",
            title: "Read me",
            width: 6,
            markdown: "# Why\n\nSee **[docs](https://example.org)**.\n\n- one\n- <b>two</b>",
          },
        ],
      },
      {
        height: 320,
        panels: [
          {
            kind: "line",
            key: "line",
            title: "Loss",
            width: 6,
            dataset: "metric_lines",
            where: {},
            x: "epoch",
            measure: "value_max",
            by: ["run", "split"],
          },
          {
            kind: "compare",
            key: "compare",
            title: "Compared",
            width: 6,
            ...runMetrics,
            measure: "best_of_run",
            by: "run",
          },
        ],
      },
      {
        height: 320,
        panels: [
          { kind: "distribution", key: "distribution", title: "Spread", width: 6, ...runMetrics, column: "best" },
          {
            kind: "table",
            key: "table",
            title: "Last",
            width: 6,
            dataset: "run_metrics",
            columns: ["name", "last_text"],
            sort: { column: "name" },
          },
        ],
      },
    ],
  },
  "own.json",
);

const answer = (names: string[], rows: unknown[][]) => ({
  columns: names.map((name) => ({ name, type: "text" })),
  rows,
  truncated: false,
});

/** Answers by what a statement asks for. */
function sql(statement: string) {
  if (statement.includes("best_so_far"))
    return { status: 403, detail: "This view is not for you.", fix: "Ask for a wider token." };
  if (statement.includes('AS "newest"')) {
    const lines = ["train", "validation"].map((split) => `0198c7e9-77aa-7c10-8f52-1d2f3c4b5a69, ${split}`);
    return answer(
      ["epoch", "series", "value_max"],
      lines.flatMap((line) => [0, 1, 2].map((epoch) => [epoch, line, 1 / (epoch + 1)])),
    );
  }
  if (statement.includes("GROUP BY x"))
    return answer(
      ["best", "rows"],
      [
        [0.5, 2],
        [0.75, 1],
      ],
    );
  if (statement.includes("GROUP BY"))
    return answer(
      ["run", "best_of_run"],
      [
        ["0198c7e9-77aa-7c10-8f52-1d2f3c4b5a69", 0.9],
        ["other", 0.8],
      ],
    );
  if (statement.includes('AS "last_text"')) return answer(["name", "last_text"], [["convnet-8", "NaN"]]);
  if (statement.includes("best_of_run")) return answer(["best_of_run"], [[0.875]]);
  return answer(["runs"], [[8]]);
}

const views = { dialect: "postgres", schema: "integraviz" } as const;
const panel = (page: Page, key: string) => page.locator(`[data-panel="${key}"]`);

describe.skipIf(!hasBrowser)("the dashboards", () => {
  const site = usePage({ dashboards: pageDashboards([...shippedDashboards(["best_so_far"]), own], views), sql });
  const asked = () =>
    site.server.requests
      .filter(({ path }) => path.startsWith("/v1/sql"))
      .map(({ body }) => (body as { sql: string }).sql);

  test("are those of the spec: a panel of each kind is drawn as it says", async () => {
    const page = await site.open(`${site.server.link}&tab=dashboards&dashboard=own`);
    await expectText(page.getByRole("heading", { level: 1 }), "Ours");
    await panel(page, "gauge").locator('[data-value="0.875"]').waitFor();
    await expectText(panel(page, "gauge"), "0.875");
    await panel(page, "number").locator('[data-value="8"]').waitFor();
    await expectText(panel(page, "text").locator("h3"), "Why");
    expect(await panel(page, "text").getByRole("link").getAttribute("href")).toBe("https://example.org");
    await expectText(panel(page, "text").locator("li"), "<b>two</b>");
    const described = (key: string) => panel(page, key).getByTestId("panel-chart").getAttribute("aria-label");
    await expect
      .poll(() => described("line"))
      .toBe("Loss by Epoch. convnet-8 train: 0.3333 after 3 points; convnet-8 validation: 0.3333 after 3 points");
    await expect.poll(() => described("compare")).toBe("Compared convnet-8: 0.9000; other: 0.8000");
    await expect.poll(() => described("distribution")).toBe("Spread 0.5: 2; 0.75: 1");
    await expectText(panel(page, "table").locator("td"), "NaN");
    await expectText(panel(page, "table").locator("th"), "Name");
  });

  test("ship as they do elsewhere, with a chart for each custom metric, which says why it shows nothing", async () => {
    const page = await site.open();
    await ready(page);
    expect(asked()).toEqual([]);
    await page.getByTestId("tab-dashboards").click();
    await expectText(page.getByRole("heading", { level: 1 }), "Training");
    await panel(page, "accuracy-train").locator("[data-value]").first().waitFor();
    const custom = panel(page, "metric-best-so-far");
    await custom.scrollIntoViewIfNeeded();
    await expectText(custom.getByRole("status"), "This view is not for you. Ask for a wider token.");
    await expectText(custom, "Best so far");
    expect(asked().every((statement) => statement.includes(".project IN ('mnist')"))).toBe(true);
    await page.getByRole("button", { name: "Governance" }).click();
    await expectText(page.getByRole("heading", { level: 1 }), "Governance");
    await expect.poll(() => page.url()).toContain("dashboard=governance");
  });

  test("are narrowed by what is chosen above, which stands in the address", async () => {
    const page = await site.open(`${site.server.link}&tab=dashboards&dashboard=own`);
    await panel(page, "number").locator('[data-value="8"]').waitFor();
    await page.locator('[data-filter="run"]').selectOption({ label: "Those in the charts" });
    await page.locator('[data-filter="split"]').selectOption("=validation");
    await expect.poll(() => asked().at(-1)).toContain(`d.run IN ('${site.live.run}')`);
    await expect.poll(() => asked().some((one) => /d\.split IN \('validation'\)/.test(one))).toBe(true);
    await expect.poll(() => page.url()).toContain("only=run%3D&only=split%3Dvalidation");
    await page.reload();
    const chosen = page.locator('[data-filter="split"]');
    await expect.poll(() => chosen.inputValue()).toBe("=validation");
  });

  test("show the values of a chart as a table, by keyboard alone", async () => {
    const page = await site.open(`${site.server.link}&tab=dashboards&dashboard=own`);
    await panel(page, "line").getByTestId("panel-chart").waitFor();
    const name = async () =>
      (await page
        .locator(":focus")
        .textContent()
        .catch(() => "")) ?? "";
    await tabUntil(page, async () => (await name()).includes("table of Loss"));
    await page.keyboard.press("Enter");
    await expect.poll(() => panel(page, "line").locator("tbody tr").count()).toBe(6);
    await page.keyboard.press("Enter");
    await panel(page, "line").getByTestId("panel-chart").waitFor();
  });

  test("are asked anew as often as the spec says, and only what is in sight", async () => {
    const page = await site.open();
    await page.clock.install();
    await ready(page);
    await page.getByTestId("tab-dashboards").click();
    const first = panel(page, "accuracy-train");
    await page.locator('[data-panel="accuracy-train"][data-asked="1"]').waitFor();
    expect(await panel(page, "runs").getAttribute("data-asked")).toBe(null);
    await page.clock.fastForward(31_000);
    await page.locator('[data-panel="accuracy-train"][data-asked="2"]').waitFor();
    await page.getByTestId("tab-charts").click();
    await page.clock.fastForward(61_000);
    expect(await first.getAttribute("data-asked")).toBe("2");
  });

  test("that cannot be had are asked for again in ten seconds, however much the page is told meanwhile", async () => {
    site.server.fail("/dashboards", 1);
    const page = await site.open();
    await page.clock.install();
    const asks: string[] = [];
    page.on("request", (request) => request.url().endsWith("/dashboards") && asks.push(request.url()));
    await ready(page);
    await page.getByTestId("tab-dashboards").click();
    await expectText(page.getByTestId("dashboards-problem"), "The database is restarting.");
    for (const name of ["one", "two", "three"]) {
      site.server.log().append({ run: name, kind: "on_train_begin", logs: { name } });
      await page.clock.runFor(2000);
      await expect.poll(() => page.locator("[data-filter]").count()).toBe(0);
    }
    expect(asks).toHaveLength(1);
    await page.clock.fastForward(10_000);
    await panel(page, "accuracy-train").waitFor();
    await expect.poll(() => page.getByTestId("dashboards-problem").textContent()).toBe("");
    expect(asks).toHaveLength(2);
  });

  test.each([
    ["light", WIDE],
    ["dark", WIDE],
    ["light", NARROW],
    ["dark", NARROW],
  ] as const)("fit the page, and axe-core finds nothing, in %s at %o", async (colorScheme, viewport) => {
    const page = await site.open(`${site.server.link}&tab=dashboards&dashboard=own`, { colorScheme, viewport });
    await panel(page, "number").locator('[data-value="8"]').waitFor();
    await panel(page, "line").locator("[data-rows]").waitFor();
    await panel(page, "line").getByRole("button").click();
    await panel(page, "line").locator("tbody tr").first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    expect(await axeFindings(page)).toEqual([]);
  });
});
