import { describe, expect, test } from "vitest";
import { News } from "../../../functions/http/news.ts";

const timed = async (wait: Promise<void>) => {
  const begun = performance.now();
  await wait;
  return performance.now() - begun;
};

describe("news", () => {
  test("returns by itself when nothing happens", async () => {
    expect(await timed(new News().within(30, 10_000))).toBeGreaterThanOrEqual(25);
  });

  test("returns soon after it is woken", async () => {
    const news = new News();
    const wait = timed(news.within(10_000, 1));
    news.arrived();
    expect(await wait).toBeLessThan(5_000);
  });

  test("what was said before the wait counts, and once", async () => {
    const news = new News();
    news.arrived();
    news.arrived();
    expect(await timed(news.within(10_000, 1))).toBeLessThan(5_000);
    expect(await timed(news.within(30, 10_000))).toBeGreaterThanOrEqual(25);
  });

  test("what comes close together counts once", async () => {
    const news = new News();
    news.arrived();
    const gathering = news.within(10_000, 30);
    news.arrived();
    await gathering;
    expect(await timed(news.within(30, 10_000))).toBeGreaterThanOrEqual(25);
  });

  test("what is said after a wait counts for the next", async () => {
    const news = new News();
    await news.within(1, 1);
    news.arrived();
    expect(await timed(news.within(10_000, 1))).toBeLessThan(5_000);
  });
});
