import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasBrowser, ready } from "../browser.ts";
import type { Logged } from "../data/fake-log.ts";
import { chart, expectText, gauge, measured, untilMeasured, usePage } from "./use-page.ts";

const epoch = (logs: Record<string, unknown>, number = 0): Logged => ({
  run: "r",
  kind: "on_epoch_end",
  epoch: number,
  logs,
});
const many = (count: number, value = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`metric_${String(i).padStart(3, "0")}`, value]));
const ended: Logged = { run: "r", kind: "on_train_end" };
const chartText = (page: Page, metric: string) =>
  page.locator(`article[data-metric="${metric}"] .chart-empty`).textContent();

/** What a run sends, and what its page says. */
const SITUATIONS: {
  name: string;
  events: Logged[];
  view?: string;
  refused?: string;
  says: (page: Page) => Promise<unknown>;
}[] = [
  {
    name: "a metric without a name beside others",
    events: [epoch({ loss: 1, "": 2 }), epoch({ loss: 0.5, "": 2 }, 1), ended],
    async says(page) {
      await untilMeasured(page, "loss", "points", 2);
      await expect.poll(() => chartText(page, "")).toBe("This metric has no name, so it cannot be asked for.");
      expect(await page.getByTestId("gauge").filter({ visible: true }).count()).toBe(1);
    },
  },
  {
    name: "a metric with a name of 251 characters beside others",
    events: [epoch({ loss: 1, ["x".repeat(251)]: 2 }), epoch({ loss: 0.5 }, 1), ended],
    async says(page) {
      await untilMeasured(page, "loss", "points", 2);
      await expect.poll(() => chartText(page, "x".repeat(251))).toContain("more than 250 characters");
    },
  },
  {
    name: "a metric that the server refuses beside others",
    events: [epoch({ loss: 1, odd: 2 }), epoch({ loss: 0.5 }, 1), ended],
    refused: "odd",
    async says(page) {
      await untilMeasured(page, "loss", "points", 2);
      await expect.poll(() => chartText(page, "odd")).toBe("metric.0 is not valid. Ask without it.");
      await expect.poll(() => page.getByTestId("notices").textContent()).toBe("");
    },
  },
  {
    name: "more charts than are shown at first",
    events: [epoch(many(20)), ended],
    async says(page) {
      await untilMeasured(page, "metric_000", "points", 1);
      await page.getByRole("button", { name: "Show 8 more of 20 charts" }).click();
      await untilMeasured(page, "metric_019", "points", 1);
      expect(await page.getByText("No values by epoch yet.").filter({ visible: true }).count()).toBe(0);
    },
  },
  {
    name: "one metric only has one gauge",
    events: [epoch({ loss: 1, val_loss: 2 }), ended],
    async says(page) {
      await gauge(page, "loss").waitFor();
      expect(await page.getByTestId("gauge").filter({ visible: true }).count()).toBe(1);
    },
  },
  {
    name: "the last epoch is read and not counted",
    events: [epoch({ loss: 1 }, 4), epoch({ loss: 0.5 }, 9), ended],
    async says(page) {
      await expectText(gauge(page, "loss"), "epoch 9");
      await expectText(page.locator(".facts"), "10 done");
    },
  },
  {
    name: "nothing above 0 on a logarithmic axis",
    events: [epoch({ loss: 0 }, 0), epoch({ loss: -1 }, 1), ended],
    view: "&log=loss",
    async says(page) {
      await untilMeasured(page, "loss", "points", 2);
      await expect.poll(() => chartText(page, "loss")).toBe("No value above 0 to draw on a logarithmic axis.");
    },
  },
  {
    name: "values at the ends of the doubles",
    events: [1e308, -1e308, 1e-305, 0, 5e-324, 1.7e308].map((loss, i) => epoch({ loss }, i)),
    view: "&log=loss",
    async says(page) {
      await untilMeasured(page, "loss", "points", 6);
      expect(await measured(page, "loss", "last")).toBe(1.7e308);
      expect(await measured(page, "loss", "not-finite")).toBe(0);
    },
  },
  {
    name: "a run without the param that groups the runs",
    events: [epoch({ loss: 1 }), ended],
    view: "&groupBy=lr",
    async says(page) {
      await expect.poll(() => chartText(page, "loss")).toBe("No values by epoch in runs with lr.");
      await expectText(page.getByTestId("legend"), "1 run without lr");
    },
  },
  {
    name: "best is only said of what can be judged",
    events: [epoch({ loss: 1, lr: 0.1, epoch_seconds: 3 }), ended],
    async says(page) {
      await untilMeasured(page, "loss", "points", 1);
      const choices = page.getByTestId("runs-sort").first().locator("option");
      await expect.poll(() => choices.allTextContents()).toContain("Best loss");
      expect((await choices.allTextContents()).filter((text) => /lr|seconds/.test(text))).toEqual([]);
    },
  },
];

describe.skipIf(!hasBrowser)("hard inputs", () => {
  const site = usePage({ projects: ["empty", "mnist"] });

  test.each(SITUATIONS)("$name", async ({ events, view = "", refused, says }) => {
    if (refused) site.server.refuse(refused);
    for (const event of events) site.server.log("empty").append(event);
    const page = await site.open(`${site.server.link}&project=empty&run=r${view}`);
    await says(page);
  });

  test("hundreds of charts are asked for in portions, those in sight first", async () => {
    site.server.log("empty").append(epoch(many(204)));
    site.server.log("empty").append(ended);
    const page = await site.open(`${site.server.link}&project=empty&run=r`);
    await untilMeasured(page, "metric_000", "points", 1);
    for (let shown = 12; shown < 204; shown += 12) {
      await page.getByRole("button", { name: /^Show 12 more/ }).click();
    }
    await page.getByRole("button", { name: "Time", exact: true }).click();
    await chart(page, "metric_203").scrollIntoViewIfNeeded();
    await untilMeasured(page, "metric_203", "points", 1);
    await chart(page, "metric_000").scrollIntoViewIfNeeded();
    await untilMeasured(page, "metric_000", "points", 1);
    const asked = site.server.requests.filter(({ path }) => path.startsWith("/v1/series"));
    const most = Math.max(...asked.map(({ path }) => path.split("metric=").length - 1));
    expect(most).toBeLessThanOrEqual(30);
    expect(await page.getByTestId("notices").textContent()).toBe("");
  });

  test("the page opens the project with the newest event, and every address names it", async () => {
    const page = await site.open();
    await ready(page);
    await expectText(page.getByTestId("focus-name"), "convnet-8");
    await expect.poll(() => new URL(page.url()).hash).toBe("#project=mnist");
  });

  test("a list that is on its way does not say that nothing matches", async () => {
    site.server.fail("/v1/runs", 2);
    const page = await site.open(`${site.server.link}&project=mnist`);
    await expectText(page.getByTestId("runs-none"), "Loading …");
    await expect.poll(() => page.getByTestId("runs-none").isVisible()).toBe(false);
    await page.getByTestId("runs-filter").first().fill("no such run");
    await expectText(page.getByTestId("runs-none"), "No run matches.");
  });
});
