import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { SuiteApi } from "./api.ts";

interface Series {
  run: string;
  metric: string;
  split: string;
  level: string;
  total: number;
  x: number[];
  y: (number | null)[];
  marks: [number, string][];
}

export function seriesTests(api: SuiteApi): void {
  const ask = async (query: string) =>
    (await api.json<{ series: Series[] }>(`/v1/series?${query}`, { token: api.reader })).series;
  /**
   * Once all that was sent has become readable: another transaction may hold it back for a moment.
   */
  const eventually = (query: string) => expect.poll(() => ask(query));

  describe("series", () => {
    test("epochs and batches, training and validation are told apart", async () => {
      const run = api.fresh("levels");
      await api.send([
        { run_id: run, kind: "on_train_batch_end", step: 0, epoch: 0, logs: { loss: 9 } },
        { run_id: run, kind: "on_test_batch_end", step: 0, epoch: 0, logs: { loss: 8 } },
        { run_id: run, kind: "on_epoch_end", epoch: 0, step: 1, logs: { loss: 7, val_loss: 6, test_loss: 5 } },
        { run_id: run, kind: "on_epoch_begin", epoch: 1, step: 1, logs: { loss: 99 } },
        { run_id: run, kind: "on_train_end", epoch: 1, step: 1, logs: { loss: 99, val_loss: 99 } },
      ]);
      const of = (series: Series[]) => series.map(({ level, split, y }) => `${level} ${split} ${y}`).sort();
      const all = ["batch train 9", "batch validation 8", "epoch test 5", "epoch train 7", "epoch validation 6"];
      await expect.poll(async () => of(await ask(`run=${run}&metric=loss`))).toEqual(all);
      expect(of(await ask(`run=${run}&metric=loss&level=epoch`))).toEqual(all.slice(2));
      expect(of(await ask(`run=${run}&metric=loss&split=validation`))).toEqual([all[1], all[4]]);
      expect(of(await ask(`run=${run}&metric=val_loss`))).toEqual([all[1], all[4]]);
      expect(of(await ask(`run=${run}&metric=test_loss`))).toEqual([all[2]]);
      expect(of(await ask(`run=${run}&metric=loss&split=train&level=batch`))).toEqual([all[0]]);
      expect(await ask(`run=${run}&metric=accuracy`)).toEqual([]);
      expect((await ask(`run=${run}&metric=val_loss`))[0]).toMatchObject({ run, metric: "loss" });
    });

    test("what is asked for twice comes once", async () => {
      const run = api.fresh("once");
      await api.send({ run_id: run, kind: "on_epoch_end", epoch: 0, logs: { loss: 1, val_loss: 2 } });
      const query = `run=${run}&metric=loss&metric=val_loss&metric=loss&run=${run}&x=epoch`;
      await expect
        .poll(async () => (await ask(query)).map(({ split }) => split).sort())
        .toEqual(["train", "validation"]);
    });

    test("one series a metric, split and level, whichever kinds of event it came in", async () => {
      const run = api.fresh("merged");
      await api.send([
        { run_id: run, kind: "on_test_batch_end", step: 2, seq: 2, logs: { loss: 20, val_loss: 21 } },
        { run_id: run, kind: "on_train_batch_end", step: 1, seq: 1, logs: { val_loss: 10 } },
      ]);
      await expect
        .poll(async () => (await ask(`run=${run}&metric=loss`)).map(({ split, level, total }) => [split, level, total]))
        .toEqual([["validation", "batch", 3]]);
    });

    test("x is epoch, step or time; epoch 0 is a point, no epoch is none", async () => {
      const run = api.fresh("x");
      const at = (second: number) => `2026-01-31T12:00:0${second}.500Z`;
      const event = (fields: object) => ({ run_id: run, kind: "on_epoch_end", ...fields });
      await api.send([
        event({ seq: 1, epoch: 0, created_at: at(0), logs: { loss: 3 } }),
        event({ seq: 2, step: 0, created_at: at(1), logs: { loss: 2 } }),
        event({ seq: 3, epoch: 2, step: 5, created_at: at(2), logs: { loss: 1 } }),
      ]);
      await eventually(`run=${run}&metric=loss&x=epoch`).toMatchObject([{ total: 2, x: [0, 2], y: [3, 1] }]);
      expect(await ask(`run=${run}&metric=loss&x=step`)).toMatchObject([{ total: 2, x: [0, 5], y: [2, 1] }]);
      const start = Date.parse(at(0));
      expect(await ask(`run=${run}&metric=loss&x=time`)).toMatchObject([
        { total: 3, x: [start, start + 1000, start + 2000], y: [3, 2, 1] },
      ]);
    });

    test("steps out of order and repeated stand in the writer's order, without what a resumed run overwrote", async () => {
      const run = api.fresh("order");
      const point = (seq: number, step: number) => ({
        run_id: run,
        kind: "on_train_batch_end",
        seq,
        step,
        logs: { loss: seq },
      });
      await api.send([point(4, 2), point(1, 1), point(3, 2)]);
      await api.send([point(2, 5)]);
      await eventually(`run=${run}&metric=loss`).toMatchObject([{ x: [1, 2, 2], y: [1, 3, 4] }]);
    });

    test("what is not finite is marked, what is no number is left out", async () => {
      const run = api.fresh("marks");
      const values = ["NaN", "1", "-Infinity", "Infinity", "true", "null", '"2"', "[3]", "{}", "-0.0"];
      const body = values.map(
        (value, seq) =>
          `{"run_id":"${run}","kind":"on_epoch_end","seq":${seq},"epoch":${seq},"logs":{"loss":${value}}}`,
      );
      await api.json("/v1/events", { token: api.ingest, body: `[${body}]` });
      await eventually(`run=${run}&metric=loss&x=epoch`).toEqual([
        {
          run,
          metric: "loss",
          split: "train",
          level: "epoch",
          total: 5,
          x: [0, 1, 2, 3, 9],
          y: [null, 1, null, null, 0],
          marks: [
            [0, "NaN"],
            [2, "-Infinity"],
            [3, "Infinity"],
          ],
        },
      ]);
    });

    test("thinned to at most so many points, with the extremes kept", async () => {
      const run = api.fresh("thin");
      const spikes = new Map([
        [777, 1000],
        [1500, -1000],
        [2222, null],
      ]);
      const events = Array.from({ length: 3000 }, (_, step) => {
        const loss = spikes.has(step) ? (spikes.get(step) ?? { $num: "NaN" }) : Math.sin(step / 50);
        return { run_id: run, kind: "on_train_batch_end", seq: step, step, logs: { loss } };
      });
      await api.send(events);
      await expect.poll(async () => (await ask(`run=${run}&metric=loss&points=100`))[0]?.total).toBe(3000);
      const [series] = await ask(`run=${run}&metric=loss&points=100`);
      expect(series?.x.length).toBeLessThanOrEqual(100);
      expect(series?.x.length).toBeGreaterThan(50);
      expect(series?.x).toEqual(series?.x.toSorted((a, b) => a - b));
      expect([series?.x[0], series?.x.at(-1)]).toEqual([0, 2999]);
      expect(series?.y[series.x.indexOf(777)]).toBe(1000);
      expect(series?.y[series.x.indexOf(1500)]).toBe(-1000);
      expect(series?.marks).toEqual([[series?.x.indexOf(2222), "NaN"]]);
      const [whole] = await ask(`run=${run}&metric=loss&points=3000`);
      expect(whole?.x.length).toBe(3000);
    }, 90_000);

    test("several runs and metrics at once; a run that is not there is not there", async () => {
      const [a, b] = [api.fresh("many"), api.fresh("many")];
      await api.send([a, b].map((run) => ({ run_id: run, kind: "on_epoch_end", epoch: 0, logs: { loss: 1, f1: 2 } })));
      const query = `run=${a}&run=${b}&run=nobody&metric=loss&metric=f1&x=epoch`;
      await expect
        .poll(async () => (await ask(query)).map(({ run, metric }) => `${run} ${metric}`).sort())
        .toEqual([`${a} f1`, `${a} loss`, `${b} f1`, `${b} loss`].sort());
    });

    test("gzipped for those who take that, the same for those who do not", async () => {
      const run = api.fresh("gzip");
      const events = Array.from({ length: 500 }, (_, step) => ({
        run_id: run,
        kind: "on_train_batch_end",
        step,
        seq: step,
        logs: { loss: Math.cos(step) },
      }));
      await api.send(events);
      const query = `run=${run}&metric=loss&points=500`;
      await expect.poll(async () => (await ask(query))[0]?.total).toBe(500);
      const told = async (accepted: string) => {
        const headers = { "accept-encoding": accepted };
        const answer = await api.ask(`/v1/series?${query}`, { token: api.reader, headers });
        expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
        return { encoding: answer.headers.get("content-encoding"), bytes: Buffer.from(await answer.arrayBuffer()) };
      };
      const plain = await told("identity");
      expect(plain.encoding).toBeNull();
      expect((await told("gzip;q=0")).encoding).toBeNull();
      const zipped = await told("br, gzip");
      expect(zipped.encoding).toBe("gzip");
      // Where fetch carries it, it comes inflated.
      const body = zipped.bytes[0] === 0x1f ? gunzipSync(zipped.bytes) : zipped.bytes;
      expect(JSON.parse(String(body)).series).toEqual(JSON.parse(String(plain.bytes)).series);
    });

    test("metrics of any name", async () => {
      const run = api.fresh("names");
      const names = [
        "a b",
        "a/b",
        "é😀",
        "it's",
        '"q"',
        "__proto__",
        "constructor",
        "val_",
        "test_",
        "VAL_x",
        "%",
        "\\",
        "$num",
      ];
      const logs = Object.fromEntries(names.map((name, index) => [name, index]));
      await api.send({ run_id: run, kind: "on_epoch_end", epoch: 0, logs: JSON.parse(JSON.stringify(logs)) });
      for (const [index, name] of names.entries()) {
        if (name === "__proto__") continue;
        const query = `run=${run}&metric=${encodeURIComponent(name)}&x=epoch`;
        await eventually(query).toMatchObject([{ metric: name, split: "train", y: [index] }]);
      }
    });

    test("two million points may be asked for, and no more", async () => {
      const list = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}=${index}`);
      const wide = [...list("run", 100), ...list("metric", 20)].join("&");
      expect(await ask(`${wide}&points=1000`)).toEqual([]);
      const problem = await api.problem(`/v1/series?${wide}&points=1001`, 400, { token: api.reader });
      expect(problem).toMatchObject({ field: "points", fix: expect.stringContaining("2000000") });
    });

    test.each([
      ["metric=loss", "run"],
      ["run=r", "metric"],
      ["run=r&metric=loss&x=epochs", "x"],
      ["run=r&metric=loss&points=9", "points"],
      ["run=r&metric=loss&points=10001", "points"],
      ["run=r&metric=loss&points=1e2", "points"],
      ["run=r&metric=loss&split=val", "split"],
      ["run=r&metric=loss&level=step", "level"],
      ["run=r&metric=", "metric.0"],
      ["run=%00&metric=loss", "run.0"],
      ["run=r&metric=a%00", "metric.0"],
      [`run=${"r".repeat(251)}&metric=loss`, "run.0"],
      ["run=r&metric=loss&project=a/b", "project"],
    ])("%s is refused at %s", async (query, field) => {
      expect(await api.problem(`/v1/series?${query}`, 400, { token: api.reader })).toMatchObject({ field });
    });
  });

  describe("summary", () => {
    test("first, last, best, lowest and highest, in the writer's order", async () => {
      const run = api.fresh("summary");
      const point = (seq: number, logs: object) => ({ run_id: run, kind: "on_epoch_end", seq, epoch: seq, logs });
      await api.send([
        point(3, { loss: { $num: "NaN" }, acc: 0.5 }),
        point(1, { loss: 3, acc: 0.25, val_acc: 1 }),
        point(2, { loss: 1, acc: 0.75, big: { $num: "9007199254740993" } }),
        { run_id: run, kind: "on_train_batch_end", logs: { loss: 9 } },
        // What a run says counts before the name, which says nothing of `big`.
        { run_id: run, kind: "define", logs: { metric: "odd", best: "max" } },
        { run_id: run, kind: "define", seq: 1, logs: { metric: "zero", best: "max" } },
        { run_id: run, kind: "define", seq: 2, logs: { metric: "zero", best: "min" } },
        { run_id: run, kind: "on_epoch_end", seq: 0, epoch: 0, logs: { odd: { $num: "-Infinity" }, zero: -0 } },
      ]);
      const epoch = { level: "epoch", split: "train" };
      const big = 9007199254740992;
      const once = (value: number) => ({ points: 1, first: value, last: value, best: value, min: value, max: value });
      const expected = [
        {
          ...epoch,
          metric: "acc",
          points: 3,
          first: 0.25,
          last: 0.5,
          best: 0.75,
          min: 0.25,
          max: 0.75,
          lower_is_better: false,
        },
        { ...epoch, metric: "acc", split: "validation", ...once(1), lower_is_better: false },
        {
          ...epoch,
          metric: "big",
          points: 1,
          first: { $num: "9007199254740993" },
          last: { $num: "9007199254740993" },
          best: null,
          min: big,
          max: big,
          lower_is_better: null,
        },
        {
          ...epoch,
          metric: "loss",
          points: 3,
          first: 3,
          last: { $num: "NaN" },
          best: 1,
          min: 1,
          max: 3,
          lower_is_better: true,
        },
        {
          ...epoch,
          metric: "odd",
          points: 1,
          first: { $num: "-Infinity" },
          last: { $num: "-Infinity" },
          best: null,
          min: null,
          max: null,
          lower_is_better: false,
        },
        { ...epoch, metric: "zero", ...once(0), lower_is_better: true },
      ];
      const batch = { level: "batch", split: "train", metric: "loss", ...once(9), lower_is_better: true };
      expect((await api.run(run)).summary).toEqual([...expected, batch]);
      const list = await api.json<{ runs: { run: string; summary: object[] }[] }>("/v1/runs?limit=1000", {
        token: api.reader,
      });
      expect(list.runs.find((one) => one.run === run)?.summary).toEqual(expected);
    });
  });
}
