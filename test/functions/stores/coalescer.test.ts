import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Coalescer, type CoalescerOptions } from "../../../functions/stores/coalescer.ts";
import { weightOf } from "../../../functions/stores/request-size.ts";
import { sampleEvent } from "../event/sample-event.ts";

/** Runs that end when they are told to. */
class Runs {
  readonly started: { jobs: number[]; withinMs: number; resolve: () => void; reject: (error: unknown) => void }[] = [];
  readonly coalescer: Coalescer<number, string>;

  constructor(options: Partial<CoalescerOptions<number, string>> = {}) {
    this.coalescer = new Coalescer({
      underWay: () => 2,
      enough: 1,
      weight: 10,
      room: 1_000,
      deadlineMs: 10_000,
      weigh: (job) => job,
      alone: () => true,
      run: (jobs, withinMs) =>
        new Promise((resolve, reject) => {
          this.started.push({ jobs, withinMs, resolve: () => resolve(jobs.map((job) => `did ${job}`)), reject });
        }),
      ...options,
    });
  }

  jobs(): number[][] {
    return this.started.map(({ jobs }) => jobs);
  }
}

test("an event weighs 1, and more by its logs' length", () => {
  expect(weightOf([])).toBe(0);
  expect(weightOf([sampleEvent(), sampleEvent({ logs: "{}" })])).toBe(2);
  expect(weightOf([sampleEvent(), sampleEvent({ logs: "x".repeat(2 * 1024 * 1024) })])).toBe(513);
});

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("coalescer", () => {
  test("at the end what waits and what comes is refused, and what is under way gets its answer", async () => {
    const runs = new Runs({ underWay: () => 1 });
    const first = runs.coalescer.submit(1);
    await turn();
    const waiting = runs.coalescer.submit(2);
    let isClosed = false;
    const closed = runs.coalescer.close().then(() => {
      isClosed = true;
    });
    await expect(waiting).rejects.toMatchObject({ status: 503 });
    await expect(runs.coalescer.submit(3)).rejects.toMatchObject({ status: 503 });
    await turn();
    expect(isClosed).toBe(false);
    runs.started[0]?.resolve();
    expect(await first).toBe("did 1");
    await closed;
    expect(runs.jobs()).toEqual([[1]]);
  });

  test("what waits at the same time goes together, and each gets its own answer", async () => {
    const runs = new Runs();
    const answers = [1, 2, 3].map((job) => runs.coalescer.submit(job));
    await turn();
    expect(runs.jobs()).toEqual([[1, 2, 3]]);
    runs.started[0]?.resolve();
    expect(await Promise.all(answers)).toEqual(["did 1", "did 2", "did 3"]);
  });

  test("no more at a time than allowed, nor heavier; what is too heavy goes alone", async () => {
    const runs = new Runs();
    const answers = [4, 5, 6, 50, 1].map((job) => runs.coalescer.submit(job));
    await turn();
    expect(runs.jobs()).toEqual([[4, 5], [6]]);
    runs.started[0]?.resolve();
    await turn();
    expect(runs.jobs().slice(2)).toEqual([[50]]);
    runs.started[2]?.resolve();
    await turn();
    expect(runs.jobs().slice(3)).toEqual([[1]]);
    for (const { resolve } of runs.started) resolve();
    expect((await Promise.all(answers)).length).toBe(5);
  });

  test("another run starts beside the first only when enough waits", async () => {
    const runs = new Runs({ enough: 5 });
    const answers = [runs.coalescer.submit(1)];
    await turn();
    answers.push(runs.coalescer.submit(2));
    await turn();
    expect(runs.jobs()).toEqual([[1]]);
    answers.push(runs.coalescer.submit(3));
    await turn();
    expect(runs.jobs()).toEqual([[1], [2, 3]]);
    for (const { resolve } of runs.started) resolve();
    await Promise.all(answers);
  });

  test("how many go at a time may change while they are under way", async () => {
    let atMost = 1;
    const runs = new Runs({ underWay: () => atMost });
    const answers = [6, 5].map((job) => runs.coalescer.submit(job));
    await turn();
    expect(runs.jobs()).toEqual([[6]]);
    atMost = 2;
    answers.push(runs.coalescer.submit(9));
    await turn();
    expect(runs.jobs()).toEqual([[6], [5]]);
    atMost = 1;
    runs.started[0]?.resolve();
    await turn();
    expect(runs.jobs().length).toBe(2);
    runs.started[1]?.resolve();
    await turn();
    expect(runs.jobs().slice(2)).toEqual([[9]]);
    runs.started[2]?.resolve();
    await Promise.all(answers);
  });

  test("an answer is not given before the run that held the job has ended", async () => {
    const runs = new Runs();
    let answered = false;
    const answer = runs.coalescer.submit(1).then(() => {
      answered = true;
    });
    await turn();
    expect(answered).toBe(false);
    runs.started[0]?.resolve();
    await answer;
  });

  test("one that cannot succeed fails by itself", async () => {
    const coalescer = new Coalescer<number, number>({
      underWay: () => 2,
      enough: 1,
      weight: 100,
      room: 100,
      deadlineMs: 10_000,
      weigh: () => 1,
      alone: () => true,
      async run(jobs) {
        if (jobs.includes(13)) throw new Error("13");
        return jobs.map((job) => job * 2);
      },
    });
    const answers = await Promise.allSettled([1, 13, 2].map((job) => coalescer.submit(job)));
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await coalescer.submit(3)).toBe(6);
  });

  test("where it failed for all alike, none is tried again", async () => {
    const runs = new Runs({ alone: () => false });
    const answers = Promise.allSettled([1, 2].map((job) => runs.coalescer.submit(job)));
    await turn();
    runs.started[0]?.reject(new Error("away"));
    expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(runs.started.length).toBe(1);
  });

  test("past the room to wait a job is refused at once, and told to come again", async () => {
    const runs = new Runs({ underWay: () => 1, room: 12 });
    const answers = [runs.coalescer.submit(10)];
    await turn();
    const refused = { status: 503, details: { retryAfter: 2 } };
    // Heavier than all the room there is: taken as long as nothing else waits.
    for (const [index, job] of [12, 50].entries()) {
      answers.push(runs.coalescer.submit(job));
      await expect(runs.coalescer.submit(1)).rejects.toMatchObject(refused);
      runs.started[index]?.resolve();
      await turn();
    }
    runs.started[2]?.resolve();
    expect(await Promise.all(answers)).toEqual(["did 10", "did 12", "did 50"]);
  });

  describe("at its deadline, counted from its arrival, a job without an answer is refused", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] }));
    afterEach(() => void vi.useRealTimers());
    const late = { status: 503, message: "The database does not answer.", details: { retryAfter: 2 } };

    test("whether it waits or is under way, and is not begun afterwards", async () => {
      const runs = new Runs({ underWay: () => 1 });
      const [first, second] = [runs.coalescer.submit(1), runs.coalescer.submit(2)];
      await turn();
      vi.advanceTimersByTime(4_000);
      const third = runs.coalescer.submit(3);
      const refused = [first, second].map((answer) => expect(answer).rejects.toMatchObject(late));
      vi.advanceTimersByTime(6_000);
      await Promise.all(refused);
      const alsoRefused = expect(third).rejects.toMatchObject(late);
      vi.advanceTimersByTime(4_000);
      await alsoRefused;
      runs.started[0]?.resolve();
      const fourth = runs.coalescer.submit(4);
      await turn();
      expect(runs.jobs()).toEqual([[1, 2], [4]]);
      runs.started[1]?.resolve();
      expect(await fourth).toBe("did 4");
    });

    test("a run has until the deadline of its last, and what is late is not tried alone", async () => {
      const runs = new Runs({ underWay: () => 1 });
      const busy = runs.coalescer.submit(9);
      await turn();
      const early = runs.coalescer.submit(1);
      const refused = [expect(busy).rejects.toThrow("9"), expect(early).rejects.toMatchObject(late)];
      vi.advanceTimersByTime(4_000);
      const last = runs.coalescer.submit(2);
      runs.started[0]?.reject(new Error("9"));
      await turn();
      expect(runs.started[1]).toMatchObject({ jobs: [1, 2], withinMs: 10_000 });
      vi.advanceTimersByTime(6_000);
      await Promise.all(refused);
      runs.started[1]?.reject(new Error("1 or 2"));
      await turn();
      expect(runs.started[2]).toMatchObject({ jobs: [2], withinMs: 4_000 });
      runs.started[2]?.resolve();
      expect(await last).toBe("did 2");
    });
  });

  test("every job is answered once and by itself, whatever fails", async () => {
    const job = fc.record({
      weight: fc.integer({ min: 1, max: 9 }),
      bad: fc.boolean(),
      turns: fc.integer({ min: 0, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 30 }), fc.integer({ min: 1, max: 3 }), async (jobs, underWay) => {
        let now = 0;
        const done: object[] = [];
        const coalescer = new Coalescer<(typeof jobs)[number], object>({
          underWay: () => underWay,
          enough: 5,
          weight: 12,
          room: 1_000,
          deadlineMs: 10_000,
          weigh: ({ weight }) => weight,
          alone: () => true,
          async run(taken) {
            now += 1;
            expect(now).toBeLessThanOrEqual(underWay);
            await turn();
            now -= 1;
            if (taken.some(({ bad }) => bad)) throw new Error("bad");
            done.push(...taken);
            return taken;
          },
        });
        const answers = await Promise.allSettled(
          jobs.map(async (one) => {
            for (let index = 0; index < one.turns; index++) await turn();
            return coalescer.submit(one);
          }),
        );
        answers.forEach((answer, index) => {
          if (jobs[index]?.bad) expect(answer.status).toBe("rejected");
          else expect(answer).toMatchObject({ status: "fulfilled" });
          if (answer.status === "fulfilled") expect(answer.value).toBe(jobs[index]);
        });
        expect(done.length).toBe(jobs.filter(({ bad }) => !bad).length);
      }),
      { numRuns: 50 },
    );
  });
});
