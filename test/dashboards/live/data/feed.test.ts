import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Api, Problem, query } from "../../../../dashboards/live/data/api.ts";
import { createFeed, type Feed } from "../../../../dashboards/live/data/feed.ts";
import type { Wanted } from "../../../../dashboards/live/data/series-reader.ts";
import { createFakeLog, type FakeLog, type Logged } from "./fake-log.ts";
import { FakeSource } from "./fake-source.ts";

const NEWEST = { sort: "-started_at", archived: false } as const;
const RUNS = ["a", "b"];

/** A feed over a log in memory, whose answers and messages come when a test says so. */
function feedOver(log: FakeLog, wants: () => Wanted | null = () => null) {
  const asked: string[] = [];
  const waiting: ((isLate: boolean) => Promise<void>)[] = [];
  const problems: Problem[] = [];
  const status: string[] = [];
  let failures = 0;
  let skips = 0;

  function ask<T>(path: string, read: () => Promise<T>): Promise<T> {
    asked.push(path);
    const early = read();
    early.catch(() => undefined);
    return new Promise((resolve, reject) => {
      waiting.push((isLate) => {
        if (failures-- <= 0) return (isLate ? read() : early).then(resolve, reject);
        reject(new Problem(503, "The database is restarting."));
        return Promise.resolve();
      });
    });
  }

  const api = {
    runs: (search: object) => ask("runs", () => log.runs(new URLSearchParams(query({ ...search })))),
    series: ({ runs, metrics, ...rest }: { runs: string[]; metrics: string[] }) =>
      ask(`series ${runs}`, () => log.series(new URLSearchParams(query({ ...rest, run: runs, metric: metrics })))),
    stream: (asked: { after: string }) => new FakeSource(asked),
    run: (_: string, run: string) =>
      ask(`run ${run}`, async () => {
        const detail = await log.run(run);
        if (detail) return detail;
        throw new Problem(404, "There is no such run.");
      }),
  } as unknown as Api;

  const feed: Feed = createFeed(api, "p", {
    runs: changed,
    series: changed,
    status: (one) => status.push(one),
    skipped: () => skips++,
    refused: () => undefined,
    problem: (problem) => problems.push(problem),
  });

  function changed() {
    const next = feed.isListed() ? wants() : null;
    if (next) feed.want(next);
  }

  /** Lets everything that waits for an answer that came go on. */
  const letGoOn = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };

  return {
    feed,
    asked,
    problems,
    status,
    changed,
    letGoOn,
    skips: () => skips,
    fail: (times: number) => {
      failures = times;
    },
    /** The oldest question is answered with what the log holds now, or held when it was asked. */
    async answer(isLate = true) {
      await waiting.shift()?.(isLate);
      await letGoOn();
    },
    async answerAll() {
      while (waiting.length > 0) await this.answer();
    },
    /** The stream brings all that was logged since. */
    async deliver() {
      const source = FakeSource.last;
      if (source === undefined || source.readyState === FakeSource.CLOSED) return;
      const from = Number(delivered.get(source) ?? source.after);
      delivered.set(source, log.cursor());
      const events = log.events.slice(from);
      if (events.length > 0) source.message("events", { events }, log.cursor());
      await letGoOn();
    },
    async reset() {
      delivered.set(FakeSource.last, log.cursor());
      FakeSource.last.message("reset", {}, log.cursor());
      await letGoOn();
    },
  };
}

const delivered = new WeakMap<FakeSource, string>();
const batch = (run: string, step: number, more: Partial<Logged> = {}): Logged => ({
  run,
  kind: "on_train_batch_end",
  epoch: 0,
  step,
  logs: { loss: step },
  ...more,
});

describe("the feed", () => {
  let log: FakeLog;
  let page: ReturnType<typeof feedOver>;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
    vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
    FakeSource.opened = [];
    log = createFakeLog("p");
  });
  afterEach(() => {
    page.feed.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  async function open(wants: () => Wanted | null = () => ({ runs: ["a"], metrics: ["loss"], x: "step" })) {
    page = feedOver(log, wants);
    void page.feed.list(NEWEST);
    await page.answerAll();
    FakeSource.last?.answer();
  }

  /** Runs that have ended, of which only the first is wanted at first. */
  async function openWithFurtherRuns() {
    for (const run of RUNS) {
      log.append(batch(run, 1));
      log.append({ run, kind: "on_train_end" });
    }
    let runs = ["a"];
    await open(() => ({ runs, metrics: ["loss"], x: "step" }));
    runs = RUNS;
  }

  test("goes live with a run that has no metric yet", async () => {
    log.append({ run: "a", kind: "on_train_begin" });
    await open(() => ({ runs: ["a"], metrics: [], x: "epoch" }));
    expect([FakeSource.last.after, page.status]).toEqual(["1", ["connecting", "live"]]);
    log.append(batch("a", 0));
    await page.deliver();
    expect(page.feed.latest.of(page.feed.runs.get("a")!, "loss", "train")?.value).toBe(0);
  });

  test("forgets after a reset what was said before it, and runs that were erased meanwhile", async () => {
    for (const run of RUNS) log.append({ run, kind: "on_train_begin" });
    await open();
    log.append(batch("a", 1));
    log.append({ run: "a", kind: "stop_requested", actor: "ada", logs: { reason: "r" } });
    await page.deliver();
    log.append({ run: "b", kind: "purge", actor: "ada" });
    log.append({ run: "a", kind: "on_train_begin" });
    log.append({ run: "a", kind: "on_epoch_end", epoch: 0, step: 9, logs: { loss: 0.5 } });
    await page.reset();
    void page.feed.refresh("a");
    await page.answerAll();
    const run = page.feed.runs.get("a")!;
    expect(page.feed.latest.of(run, "loss", "train")?.value).toBe(0.5);
    expect(page.feed.pendingStop(run)).toBeNull();
    expect([...page.feed.runs.keys()]).toEqual(["a"]);
    expect(page.skips()).toBe(1);
  });

  test("erases a run that is shown, too, when it is gone after a reset", async () => {
    log.append(batch("a", 1));
    await open();
    log.append({ run: "a", kind: "purge", actor: "ada" });
    await page.reset();
    await page.answerAll();
    expect(page.feed.runs.size).toBe(0);
  });

  test("keeps a run that began while the list was read again", async () => {
    log.append({ run: "a", kind: "on_train_begin" });
    await open(() => null);
    await page.reset();
    log.append({ run: "b", kind: "on_train_begin" });
    await page.deliver();
    await page.answer(false);
    expect([...page.feed.runs.keys()].sort()).toEqual(["a", "b"]);
  });

  test("takes again what was said while an answer was on its way that does not hold it", async () => {
    log.append(batch("a", 1));
    await open();
    void page.feed.refresh("a");
    log.append({ run: "a", kind: "on_train_end", logs: { status: "failed" } });
    await page.deliver();
    await page.answer(false);
    expect(page.feed.runs.get("a")?.state).toBe("failed");
  });

  test("reads all anew when a run speaks whose series are being added", async () => {
    await openWithFurtherRuns();
    page.changed();
    log.append(batch("b", 2));
    await page.deliver();
    await page.answer(false);
    await page.answerAll();
    await page.deliver();
    expect(page.feed.series.of("b", "loss", "train", "batch")[0]?.x).toEqual([1, 2]);
  });

  test("loads on, and keeps what was loaded after a reset", async () => {
    for (let i = 0; i < 130; i++) log.append({ run: `run-${i}`, kind: "on_train_begin", at: i });
    await open(() => null);
    expect([page.feed.runs.size, page.feed.hasMore()]).toEqual([100, true]);
    void page.feed.more();
    await page.answerAll();
    expect([page.feed.runs.size, page.feed.hasMore()]).toEqual([130, false]);
    await page.reset();
    await page.answerAll();
    expect(page.feed.runs.size).toBe(130);
  });

  describe("asks again, after longer and longer waits, where there was no answer", () => {
    const wait = async (ms: number) => {
      await vi.advanceTimersByTimeAsync(ms);
      await page.answerAll();
    };

    test("for the list", async () => {
      log.append(batch("a", 1));
      page = feedOver(log);
      page.fail(2);
      void page.feed.list(NEWEST);
      await page.answerAll();
      await wait(1000);
      expect([page.feed.isListed(), page.problems.length]).toEqual([false, 2]);
      await wait(2000);
      expect([page.feed.isListed(), page.asked]).toEqual([true, ["runs", "runs", "runs"]]);
    });

    test("for series that are added", async () => {
      await openWithFurtherRuns();
      page.fail(1);
      page.changed();
      await page.answerAll();
      await wait(1000);
      expect(page.feed.series.of("b", "loss", "train", "batch")[0]?.y).toEqual([1]);
      expect(page.asked.filter((path) => path === "series b")).toHaveLength(2);
    });

    test("and never once it is closed", async () => {
      page = feedOver(log);
      page.fail(1);
      void page.feed.list(NEWEST);
      await page.answerAll();
      page.feed.close();
      await wait(60_000);
      expect(page.asked).toEqual(["runs"]);
    });
  });

  test("takes no older answer of a run for the newer one, whichever was asked first", async () => {
    log.append(batch("a", 1));
    page = feedOver(log);
    void page.feed.list(NEWEST);
    void page.feed.refresh("a");
    log.append({ run: "a", kind: "on_train_end" });
    await page.answer(true);
    await page.answer(false);
    await page.answerAll();
    expect(page.feed.runs.get("a")?.state).toBe("finished");
  });

  test("asks after every run that went silent, a few at a time", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `run-${i}`);
    for (const run of names) log.append({ run, kind: "on_train_begin" });
    await open(() => null);
    page.asked.length = 0;
    for (let i = 0; i < 4; i++) {
      await vi.advanceTimersByTimeAsync(30_000);
      await page.answerAll();
    }
    expect(new Set(page.asked)).toEqual(new Set(names.map((run) => `run ${run}`)));
    expect(page.asked.length).toBeLessThanOrEqual(15);
  });

  test("ends with all points once, in whatever order answers, messages and wishes come", async () => {
    const wanted: fc.Arbitrary<Wanted> = fc.record({
      runs: fc.subarray(RUNS),
      metrics: fc.constant<string[]>(["loss"]),
      x: fc.constantFrom("epoch", "step", "time"),
    });
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...RUNS).map((run) => ({ log: run })) },
      { weight: 1, arbitrary: fc.constantFrom(...RUNS).map((run) => ({ end: run })) },
      { weight: 4, arbitrary: fc.boolean().map((isLate) => ({ isLate })) },
      { weight: 3, arbitrary: fc.constant({ deliver: true }) },
      { weight: 1, arbitrary: fc.constant({ reset: true }) },
      { weight: 1, arbitrary: fc.constantFrom(...RUNS).map((run) => ({ look: run })) },
      { weight: 2, arbitrary: wanted.map((want) => ({ want })) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        FakeSource.opened = [];
        log = createFakeLog("p");
        let want: Wanted = { runs: ["a"], metrics: ["loss"], x: "step" };
        let at = 0;
        for (const run of RUNS) log.append(batch(run, at++));
        // What stands still is added without reading the rest again.
        log.append({ run: "b", kind: "on_train_end" });
        page = feedOver(log, () => want);
        void page.feed.list(NEWEST);
        for (const one of steps) {
          if ("log" in one) log.append(batch(one.log, at++));
          if ("end" in one) log.append({ run: one.end, kind: "on_train_end" });
          if ("isLate" in one) await page.answer(one.isLate);
          if ("look" in one) void page.feed.refresh(one.look);
          if ("deliver" in one) await page.deliver();
          if ("reset" in one && FakeSource.opened.length > 0) await page.reset();
          if ("want" in one) {
            want = one.want;
            page.changed();
          }
        }
        // What was delivered may ask again, and the answer may move the stream.
        for (let i = 0; i < 4; i++) {
          await page.answerAll();
          await page.deliver();
        }
        await sameAsLog(page.feed, want);
        page.feed.close();
      }),
      { numRuns: 400 },
    );
  });

  async function sameAsLog(feed: Feed, { runs, metrics, x }: Wanted) {
    const level = x === "epoch" ? { level: "epoch" } : {};
    const search = query({ run: runs, metric: metrics, x, points: 500, ...level });
    const { series } = await log.series(new URLSearchParams(search));
    for (const run of runs) {
      const mine = feed.series.of(run, "loss", "train", "batch")[0];
      const theirs = series.find((one) => one.run === run);
      expect([mine?.x, mine?.y, mine?.total]).toEqual([theirs?.x, theirs?.y, theirs?.total]);
    }
    for (const run of RUNS) {
      const [mine, theirs] = [feed.runs.get(run), await log.run(run)];
      expect([mine?.state, mine?.name]).toEqual([theirs?.state, theirs?.name]);
    }
  }
});
