import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasBrowser, ready } from "../browser.ts";
import { sampleEpoch, sampleRun } from "../sample-runs.ts";
import { chart, expectText, gauge, measured, tabUntil, untilMeasured, usePage } from "./use-page.ts";

describe.skipIf(!hasBrowser)("a run that trains", () => {
  const site = usePage();

  test("is what is shown first: gauges and lines of accuracy and loss", async () => {
    const page = await site.open();
    await ready(page);
    await expectText(page.getByTestId("focus-name"), "convnet-8");
    expect(
      await page.getByTestId("line-chart").evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.metric)),
    ).toEqual(["accuracy", "loss"]);
    expect(Number(await gauge(page, "accuracy").getAttribute("data-value"))).toBeGreaterThan(0.5);
    await expect
      .poll(() => chart(page, "loss").getAttribute("aria-label"))
      .toMatch(/^loss by epoch\. convnet-8 train: [\d.]+ after 4 points/);
  });

  test("grows in gauge, line, list and words as points arrive", async () => {
    const page = await site.open();
    await ready(page);
    const points = await measured(page, "loss", "points");
    const batch = { run: site.live.run, kind: "on_train_batch_end", epoch: 4, step: 64, batch: 0 };
    site.server.push("mnist", { ...batch, logs: { loss: 0.123, accuracy: 0.987 } });
    await page.waitForSelector('[data-testid="gauge"][data-metric="accuracy"][data-value="0.987"]');
    await expectText(gauge(page, "accuracy"), "epoch 4, batch 0");
    site.server.push("mnist", {
      run: site.live.run,
      kind: "on_epoch_end",
      epoch: 4,
      logs: { loss: 0.111, val_loss: 0.222 },
    });
    await untilMeasured(page, "loss", "last", 0.111);
    await expect.poll(() => measured(page, "loss", "points")).toBe(points + 2);
    await expect
      .poll(() => page.locator(`[data-testid="run"][data-run="${site.live.run}"]`).textContent())
      .toContain("0.2220");
  });

  test("leaves the page when it is purged, and the others stay", async () => {
    const page = await site.open(`${site.server.link}&${site.allRuns()}`);
    await ready(page);
    const row = page.locator(`[data-testid="run"][data-run="${site.live.run}"]`);
    await row.waitFor();
    const others = (await page.getByTestId("run").count()) - 1;
    site.server.push("mnist", { run: site.live.run, kind: "purge", actor: "ada", logs: { reason: "asked for" } });
    await row.waitFor({ state: "detached" });
    expect(await page.getByTestId("run").count()).toBe(others);
    await expect.poll(() => page.getByTestId("focus-name").textContent()).not.toBe("convnet-8");
    const points = await measured(page, "loss", "points");
    site.server.push("mnist", { run: site.sweep[0]!.run, kind: "on_epoch_end", epoch: 99, logs: { loss: 0.111 } });
    await expect.poll(() => measured(page, "loss", "points")).toBe(points + 1);
  });

  test("costs as many bytes for a tick late in its life as early", async () => {
    const page = await site.open(`${site.server.link}&x=step`);
    await ready(page);
    let step = 1000;
    const tick = async () => {
      const before = site.server.sent.stream;
      step++;
      const logs = { loss: 0.5, accuracy: Number((0.5 + step / 1e5).toFixed(5)) };
      site.server.push("mnist", { run: site.live.run, kind: "on_train_batch_end", epoch: 9, step, batch: 1, logs });
      await page.waitForSelector(`[data-testid="gauge"][data-value="${logs.accuracy}"]`);
      return site.server.sent.stream - before;
    };
    const early = await tick();
    const requests = site.server.requests.length;
    const many = Array.from({ length: 3000 }, (_, i) => ({
      run: site.live.run,
      kind: "on_train_batch_end",
      epoch: 9,
      step: step + i + 1,
      batch: 1,
      logs: { loss: i % 5, accuracy: 0.5 },
    }));
    step += many.length;
    site.server.push("mnist", ...many);
    const late = await tick();
    expect(late).toBeLessThan(early + 40);
    expect(site.server.requests.length).toBe(requests);
    await expect.poll(() => measured(page, "loss", "points")).toBeGreaterThan(3000);
  }, 90_000);

  test("goes on where it was when the connection is lost", async () => {
    const page = await site.open();
    await ready(page);
    const points = await measured(page, "loss", "points");
    site.server.dropStreams();
    site.server.push("mnist", { run: site.live.run, kind: "on_epoch_end", epoch: 4, logs: { loss: 0.1111 } });
    await untilMeasured(page, "loss", "last", 0.1111);
    await expect.poll(() => measured(page, "loss", "points")).toBe(points + 1);
    await page.waitForSelector('[data-testid="live"][data-status="live"]');
  });

  test("rests while nobody looks and catches up after, reading anew what would be too much to send", async () => {
    const page = await site.open();
    await page.clock.install();
    await ready(page);
    site.server.push("mnist", {
      run: site.live.run,
      kind: "on_train_batch_end",
      epoch: 4,
      step: 63,
      logs: { loss: 0.9 },
    });
    await page.waitForSelector('[data-testid="gauge"][data-metric="loss"][data-value="0.9"]');
    const look = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { value, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await look(true);
    await page.clock.fastForward(31_000);
    await expect.poll(site.server.listeners).toBe(0);
    const missed = { run: site.live.run, kind: "on_train_batch_end", epoch: 4, logs: { accuracy: 0.5 } };
    site.server.push("mnist", ...Array.from({ length: 5100 }, (_, i) => ({ ...missed, step: 64 + i, batch: i })));
    site.server.push("mnist", { run: site.live.run, kind: "on_epoch_end", epoch: 4, logs: { loss: 0.0123 } });
    site.server.push("mnist", { run: site.sweep[0]!.run, kind: "purge", actor: "ada", logs: { reason: "asked for" } });
    const before = site.server.sent.stream;
    await look(false);
    await untilMeasured(page, "loss", "last", 0.0123);
    await page.waitForSelector('[data-testid="gauge"][data-metric="loss"][data-value="0.0123"]');
    await page.locator(`[data-testid="run"][data-run="${site.sweep[0]!.run}"]`).waitFor({ state: "detached" });
    await expect.poll(() => measured(page, "loss", "points")).toBe(9);
    expect(site.server.sent.stream).toBe(before);
  }, 90_000);

  test.each([
    ["no step", { epoch: 0 }],
    ["neither step nor epoch", {}],
  ])("is drawn by another axis where its client sends %s", async (_, coordinates) => {
    const page = await site.open(`${site.server.link}&project=empty`);
    await page.getByTestId("empty").waitFor();
    for (const loss of [3, 2, 1])
      site.server.push("empty", { run: "plain", kind: "on_train_batch_end", ...coordinates, logs: { loss } });
    await untilMeasured(page, "loss", "points", 3);
    await page.locator('.segments [data-value="time"][aria-pressed="true"]').waitFor();
  });

  test("is followed where the API can only be polled", async () => {
    await site.restart({ poll: true });
    const page = await site.open();
    await page.waitForSelector('[data-testid="live"][data-status="polling"]');
    site.server.push("mnist", { run: site.live.run, kind: "on_epoch_end", epoch: 4, logs: { loss: 0.0321 } });
    await untilMeasured(page, "loss", "last", 0.0321);
    expect(await page.getByTestId("live").getAttribute("data-status")).toBe("polling");
  });

  test("is followed by the next one, as long as no run was chosen", async () => {
    const page = await site.open();
    await ready(page);
    site.server.push(
      "mnist",
      ...sampleRun({ ...site.live, run: "next", name: "convnet-9", epochs: 0, start: Date.now() + 1000 }),
    );
    await expectText(page.getByTestId("focus-name"), "convnet-9");
    site.server.push("mnist", ...sampleEpoch({ ...site.live, run: "next" }, 0));
    await untilMeasured(page, "loss", "points", 17);
  });

  test("is asked for another learning rate, and says what the run made of it", async () => {
    const page = await site.open();
    await ready(page);
    const line = page.getByTestId("adjusts-asked");
    const ask = async (value: string) => {
      await page.getByTestId("adjust-run").click();
      await page.getByTestId("adjust-value").fill(value);
      await page.getByTestId("adjust-reason").fill("The loss is flat");
      await page.getByTestId("adjust-dialog-send").click();
      await expectText(line, `learning_rate ${value} asked by ada@example.org`);
      await expectText(line, "The loss is flat. Waiting for the run's next epoch.");
    };
    const answer = (kind: string, logs: object) => {
      const { event_id } = site.server.log("mnist").events.findLast((event) => event.kind === "adjust_requested")!;
      const to = { adjust_event_id: event_id, name: "learning_rate" };
      site.server.push("mnist", { run: site.live.run, kind, logs: { ...to, ...logs } });
    };
    await ask("0.002");
    answer("adjust_applied", { value: 0.002, applied: 0.0021 });
    await expectText(line, "learning_rate is 0.0021, as asked by ada@example.org");
    await ask("0.003");
    answer("adjust_refused", { value: 0.003, why: "a schedule sets it" });
    await expectText(line, "Refused: a schedule sets it.");
    expect(site.server.requests.filter(({ path }) => path.includes("/adjust"))[0]?.body).toEqual({
      ...{ name: "learning_rate", value: 0.002, reason: "The loss is flat" },
    });
  });

  test("is stopped by keyboard alone, with a reason, and says so until it answers", async () => {
    const page = await site.open();
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
    site.server.push("mnist", { run: site.live.run, kind: "on_train_end", logs: { status: "stopped" } });
    await expectText(page.getByTestId("focus-state"), "stopped");
    await page.getByTestId("stop-run").waitFor({ state: "hidden" });
    await expectText(page.getByTestId("stop-asked"), "Stopped as asked by ada@example.org");
  });

  test("is marked as ended where it does not answer, and goes on when it does after all", async () => {
    const page = await site.open();
    await ready(page);
    expect(await page.getByTestId("end-run").isVisible(), "a run that trains ends by itself").toBe(false);
    await page.getByTestId("stop-run").click();
    await page.getByTestId("stop-reason").fill("enough");
    await page.getByTestId("stop-dialog-send").click();
    await page.getByTestId("end-run").click();
    await page.getByTestId("end-reason").fill("The machine is gone");
    await page.getByTestId("end-dialog-send").click();
    await expectText(page.getByTestId("focus-state"), "stopped");
    await page.getByTestId("end-run").waitFor({ state: "hidden" });
    site.server.push("mnist", ...sampleEpoch(site.live, 9));
    await expectText(page.getByTestId("focus-state"), "running");
  });
});

/** Presses Tab until the element with a test id is reached. */
async function tabTo(page: Page, testid: string) {
  await tabUntil(page, async () => (await page.locator(":focus").getAttribute("data-testid")) === testid);
}
