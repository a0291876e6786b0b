import { describe, expect, test } from "vitest";
import { createSmoother } from "../../../../functions/stores/smoothing.ts";
import type { Series } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { openMemoryStore } from "../memory/memory-store.ts";
import { spiky } from "../spiky.ts";
import type { Suite } from "./opened.ts";

export function seriesTests(suite: Suite): void {
  describe("series", () => {
    test.each([
      ["numbers alone", () => false],
      ["some that are not finite", (step: number) => step % 7 === 3 || step > 250],
    ])("are thinned as downsample() does it: %s", async (_, isOdd) => {
      const project = suite.project("thinned");
      const memory = openMemoryStore();
      const odd = ['{"$num":"NaN"}', '{"$num":"-Infinity"}', '{"$num":"Infinity"}'];
      const events = Array.from({ length: 300 }, (_, step) =>
        sampleEvent({
          project,
          id: `id-${step}`,
          seq: (step * 37) % 101,
          step,
          createdAt: step,
          logs: `{"loss":${isOdd(step) ? odd[step % 3] : Math.round(Math.sin(step) * 50)}}`,
        }),
      );
      for (const one of [memory, suite.store]) await one.append(events);
      await suite.settled(project, events.length);
      // Buckets of whole groups of 20 points at first, of single points then, and none at last.
      for (const points of [10, 11, 50, 97, 299, 300]) {
        const query = { project, runs: ["run"], metrics: ["loss"], x: "time" as const, points };
        const [theirs, ours] = [await suite.store.series(query), await memory.series(query)];
        expect(theirs.series, `${points} points`).toEqual(ours.series);
      }
    });

    test("of several writers, such as two ranks, are told apart where that is asked", async () => {
      const project = suite.project("ranks");
      const memory = openMemoryStore();
      // The second rank is an epoch behind, so that their common line steps back again and again.
      const events = Array.from({ length: 120 }, (_, n) => {
        const rank = n % 2;
        const epoch = Math.max(0, (n >> 1) - rank);
        const logs = JSON.stringify({ loss: rank + 1 / (n + 1), ...(rank === 0 ? { lr: 0.1 } : {}) });
        return sampleEvent({ project, id: `id-${n}`, writer: String(rank), seq: n, kind: "on_epoch_end", epoch, logs });
      });
      for (const one of [memory, suite.store]) await one.append(events);
      await suite.settled(project, events.length);
      for (const shape of [
        { points: 100 },
        { points: 10 },
        { points: 100, smoothing: 0.9 },
        { points: 10, means: true },
      ]) {
        const query = { project, runs: ["run"], metrics: ["loss", "lr"], x: "epoch" as const, writers: true, ...shape };
        const { series } = await suite.store.series(query);
        expect(series.map(({ metric, writer, total }) => [metric, writer, total])).toEqual([
          ["loss", "0", 60],
          ["loss", "1", 60],
          ["lr", "0", 60],
        ]);
        expect(series).toEqual((await memory.series(query)).series);
        const together = { ...query, writers: false };
        expect((await suite.store.series(together)).series).toEqual((await memory.series(together)).series);
      }
    });

    test("of a metric that stands behind two prefixes are found by the name that the views give it", async () => {
      const project = suite.project("prefixes");
      const logs = JSON.stringify({ val_test_acc: 1, test_acc: 2 });
      await suite.store.append([sampleEvent({ project, kind: "on_epoch_end", epoch: 0, logs })]);
      await suite.settled(project, 1);
      const query = { project, runs: ["run"], metrics: ["test_acc"], x: "epoch" as const, points: 10 };
      const { series } = await suite.store.series(query);
      expect(series.map(({ metric, split, y }) => [metric, split, ...y]).sort()).toEqual([
        ["acc", "test", 2],
        ["test_acc", "validation", 1],
      ]);
    });

    test("what a resumed run has overwritten is left out, but for the axis of time", async () => {
      const project = suite.project("overwritten");
      const epochs = [0, 1, 2, 3, 4, 5, 6, 7, 5, 6];
      await suite.store.append(
        epochs.map((epoch, seq) =>
          sampleEvent({ project, kind: "on_epoch_end", epoch, step: epoch, seq, createdAt: seq, logs: lossOf(seq) }),
        ),
      );
      await suite.settled(project, epochs.length);
      for (const x of ["epoch", "step"] as const)
        for (const shape of [{}, { means: true }, { smoothing: 0.5 }]) {
          const query = { project, runs: ["run"], metrics: ["loss"], x, points: 10, ...shape };
          const { series } = await suite.store.series(query);
          expect(series).toMatchObject([{ total: 7, x: [0, 1, 2, 3, 4, 5, 6] }]);
          if (!("smoothing" in shape)) expect(series[0]!.y).toEqual([0, 1, 2, 3, 4, 8, 9]);
        }
      const query = { project, runs: ["run"], metrics: ["loss"], x: "time" as const, points: 10 };
      expect((await suite.store.series(query)).series).toMatchObject([{ total: 10 }]);
    });

    // The whole of a run, a tenth and a hundredth of it.
    test.each([suite.subject.longest ?? 20_000, 2_000, 200])(
      "are smoothed, and their means taken, before they are thinned: %d points",
      async (count) => {
        const project = suite.project("smoothed");
        const values = Array.from({ length: count }, (_, step) => spiky(step));
        const events = values.map((value, step) =>
          sampleEvent({ project, id: `id-${step}`, seq: step, step, createdAt: step, logs: lossOf(value) }),
        );
        for (let at = 0; at < count; at += 5_000) await suite.store.append(events.slice(at, at + 5_000));
        const bound = 0.005 * (Math.max(...values) - Math.min(...values));
        const ask = async (shape: object) => {
          const query = { project, runs: ["run"], metrics: ["loss"], x: "step" as const, points: 500, ...shape };
          return (await suite.store.series(query)).series[0];
        };
        await expect.poll(async () => (await ask({}))?.total, { timeout: 30_000 }).toBe(count);
        for (const smoothing of [0.6, 0.9, 0.99]) {
          const exact = values.map(createSmoother(smoothing));
          const { x, smoothed, average } = (await ask({ smoothing }))!;
          x.forEach((step, index) => {
            expect(Math.abs(smoothed![index]! - exact[step]!)).toBeLessThan(bound);
          });
          expect(average).toEqual({ value: expect.closeTo(exact.at(-1)!, 9), count });
          const means = (await ask({ smoothing, means: true }))!;
          meansAreExact(means, exact, bound);
        }
        meansAreExact((await ask({ means: true }))!, values, bound);
      },
      120_000,
    );
  });
}

const lossOf = (loss: number): string => JSON.stringify({ loss });

function meansAreExact({ x, y, counts, width }: Series, values: readonly number[], bound: number): void {
  expect(counts!.reduce((sum, count) => sum + count)).toBe(values.length);
  x.forEach((begin, index) => {
    const own = values.slice(begin, begin + width!);
    expect(own).toHaveLength(counts![index]!);
    expect(Math.abs(y[index]! - own.reduce((sum, value) => sum + value / own.length, 0))).toBeLessThan(bound);
  });
}
