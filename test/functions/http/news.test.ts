import { describe, expect, test } from "vitest";
import { News } from "../../../functions/http/news.ts";

const timed = async (wait: Promise<void>) => {
  const begun = performance.now();
  await wait;
  return performance.now() - begun;
};

describe("wake", () => {
  test("returns by itself when nothing happens", async () => {
    expect(await timed(new News().within(30, 10_000))).toBeGreaterThanOrEqual(25);
  });

  test("returns soon after it is woken", async () => {
    const wake = new News();
    const wait = timed(wake.within(10_000, 1));
    wake.now();
    expect(await wait).toBeLessThan(5_000);
  });

  test("what was said before the wait counts, and once", async () => {
    const wake = new News();
    wake.now();
    wake.now();
    expect(await timed(wake.within(10_000, 1))).toBeLessThan(5_000);
    expect(await timed(wake.within(30, 10_000))).toBeGreaterThanOrEqual(25);
  });

  test("what comes close together counts once", async () => {
    const wake = new News();
    wake.now();
    const gathering = wake.within(10_000, 30);
    wake.now();
    await gathering;
    expect(await timed(wake.within(30, 10_000))).toBeGreaterThanOrEqual(25);
  });

  test("what is said after a wait counts for the next", async () => {
    const wake = new News();
    await wake.within(1, 1);
    wake.now();
    expect(await timed(wake.within(10_000, 1))).toBeLessThan(5_000);
  });
});
