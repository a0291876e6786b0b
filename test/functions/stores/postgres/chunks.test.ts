import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../../../functions/event/event.ts";
import { sealWindow } from "../../../../functions/stores/postgres/chunks/seal.ts";
import type { PointsRow } from "../../../../functions/stores/postgres/chunks/series-rows.ts";
import { queryOf } from "../../../../functions/stores/postgres/statements.ts";
import { openMemoryStore } from "../memory/memory-store.ts";
import { batch, fresh, noise, RUN, range, SealedRuns } from "./sealed-runs.ts";

/** Series and summaries are the same whether points stand in the log or in chunks. */
const runs = new SealedRuns();

describe("a run that is sealed", () => {
  test("answers the same before, between and after, from roll-ups and from points", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await runs.both(
      memory,
      range(0, 2_500).map((n) => batch(project, n)),
    );
    await runs.settled(project, memory);
    for (let window = 0; ; window++) {
      await runs.sameSeries(project, memory, [10, 125]);
      await runs.sameSummary(project, memory);
      if ((await sealWindow(runs.sealers, { project, run: RUN }, { all: window > 2 })).sealed === 0 && window > 2)
        break;
    }
    expect(await runs.countOf("chunks", project)).toBe(3 * 3);
    expect(await runs.sealAll(project)).toBe(0);
  });

  test("its batches, tests and epochs, in windows that they share", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const events = range(0, 1_500).map((n) => {
      if (n % 200 === 199)
        return batch(project, n, {
          kind: "on_epoch_end",
          logs: JSON.stringify({ loss: n, val_loss: n + 1, test_acc: 1 }),
        });
      return batch(project, n, n % 10 === 9 ? { kind: "on_test_batch_end" } : {});
    });
    await runs.both(memory, events);
    await runs.both(memory, [batch(project, 9_000, { kind: "on_epoch_begin" }), batch(project, 9_001, { logs: null })]);
    await runs.settled(project, memory);
    await runs.sealAll(project);
    expect(await runs.countOf("chunk_axes", project)).toBeGreaterThan(3);
    await runs.sameSeries(project, memory, [10, 100, 5_000], ["loss", "val_loss", "acc", "test_acc", "rare"]);
    await runs.sameSummary(project, memory);
  });

  test("the log itself stays as it is, and so do the views", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await runs.both(
      memory,
      range(0, 1_200).map((n) => batch(project, n)),
    );
    await runs.settled(project, memory);
    const views = async () =>
      runs.store.sql(`SELECT (SELECT md5(string_agg(m::text, '' ORDER BY pos, metric)) FROM metrics m WHERE project = '${project}'),
        (SELECT md5(string_agg(s::text, '' ORDER BY metric)) FROM run_summary s WHERE project = '${project}'),
        (SELECT md5(string_agg(l::text, '' ORDER BY metric)) FROM latest_metrics l WHERE project = '${project}')`);
    const before = await views();
    expect(await runs.sealAll(project)).toBeGreaterThan(1_000);
    expect(await views()).toEqual(before);
  });
});

describe("what is not plain", () => {
  test("late steps, a resumed run and several writers come in the writers' order", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const ranks = range(0, 2_400).map((n) =>
      batch(project, n, { writer: String(n % 3), seq: 5_000 + Math.floor(n / 3) }),
    );
    // Each rank sends in bursts, one after the other.
    const bursts = range(0, 12).flatMap((burst) =>
      ["0", "1", "2"].flatMap((writer) =>
        ranks.slice(burst * 100, (burst + 1) * 100).filter((one) => one.writer === writer),
      ),
    );
    await runs.both(memory, bursts);
    await runs.settled(project, memory);
    await runs.sealAll(project);
    await runs.both(
      memory,
      range(100, 700).map((n) => batch(project, n, { id: `resumed-${n}`, seq: 9_000_000 + n })),
    );
    await runs.both(
      memory,
      range(0, 300).map((n) => batch(project, n, { id: `late-${n}`, seq: 2 * n })),
    );
    await runs.settled(project, memory);
    await runs.sameSeries(project, memory, [10, 300, 10_000]);
    await runs.sealAll(project);
    await runs.sameSeries(project, memory, [10, 300, 10_000]);
    await runs.sameSummary(project, memory);
  });

  test("windows of an older version, which know no writers, are read as they are", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const of = (from: number, to: number, writers: string[]) =>
      range(from, to).map((n) => batch(project, n, { writer: writers[n % writers.length] as string }));
    await runs.both(memory, of(0, 1_000, [""]));
    await runs.settled(project, memory);
    await runs.sealAll(project);
    await runs.asOwner((client) =>
      client.query(`UPDATE integraviz.chunk_axes SET writer = NULL, writers = NULL WHERE project = '${project}'`),
    );
    await runs.sameSeries(project, memory, [10, 2_000]);
    await runs.both(memory, of(1_000, 3_000, [""]));
    await runs.settled(project, memory);
    await runs.sealAll(project);
    await runs.sameSeries(project, memory, [10, 5_000]);
    // What nobody knows of a run of ranks is nobody's.
    await runs.both(memory, of(3_000, 4_000, ["0", "1"]));
    await runs.settled(project, memory);
    await runs.sealAll(project);
    await runs.sameSeries(project, memory, [10, 5_000]);
  });

  test("windows that know no writer are not taken for those of a writer beside them", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const of = (from: number, to: number, writer: string) => range(from, to).map((n) => batch(project, n, { writer }));
    await runs.both(memory, of(0, 1_000, ""));
    await runs.settled(project, memory);
    await runs.sealAll(project);
    await runs.asOwner((client) =>
      client.query(`UPDATE integraviz.chunk_axes SET writer = NULL WHERE project = '${project}'`),
    );
    await runs.both(memory, of(1_000, 2_000, "a"));
    await runs.settled(project, memory);
    await runs.sameSeries(project, memory, [10, 5_000]);
    await runs.sealAll(project);
    await runs.sameSeries(project, memory, [10, 5_000]);
  });

  test("who wrote each point is read where writers are asked for, and nowhere else", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await runs.both(
      memory,
      range(0, 1_000).map((n) => batch(project, n, { writer: String(n % 2) })),
    );
    await runs.settled(project, memory);
    await runs.sealAll(project);
    const asked = { runs: [RUN], marks: ["9223372036854775807"], kinds: ["on_train_batch_end"], keys: ["loss"] };
    const writersOf = async (writers: boolean) => {
      const query = queryOf("seriesPoints", { project, x: "step", ...asked, needs_seqs: [true], writers });
      return (await runs.sealers.query<PointsRow>(query)).rows.map((row) => row.writers?.length);
    };
    expect(await writersOf(true)).toEqual([1_000]);
    expect(await writersOf(false)).toEqual([undefined]);
  });

  test("seqs that only differ beyond 2^53 keep their order", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const top = 9223372036854775807n;
    await runs.both(
      memory,
      range(0, 1_100).map((n) => batch(project, n, { seq: top - BigInt((n * 7) % 1_100) })),
    );
    await runs.settled(project, memory);
    await runs.sameSeries(project, memory, [2_000]);
    await runs.sealAll(project);
    await runs.sameSeries(project, memory, [10, 2_000]);
    await runs.sameSummary(project, memory);
  });

  test("NaN, infinities, -0 and integers beyond 2^53; steps and epochs that are missing or enormous", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const odd = ["NaN", "Infinity", "-Infinity", "-0", "9223372036854775807", "9007199254740993"];
    const logs = (n: number) => JSON.stringify({ loss: noise(n), odd: { $num: odd[n % odd.length] } });
    const steps = [null, 9223372036854775807n, 0, 1, 9007199254740993n];
    await runs.both(
      memory,
      range(0, 700).map((n) => batch(project, n, { logs: logs(n), step: steps[n % 5] as Event["step"] })),
    );
    await runs.both(
      memory,
      range(700, 1_200).map((n) => batch(project, n, { logs: logs(n), step: null, epoch: null })),
    );
    await runs.settled(project, memory);
    await runs.sealAll(project);
    await runs.sameSeries(project, memory, [10, 200, 10_000]);
    await runs.sameSummary(project, memory);
  });

  test("a metric that becomes another kind of value, keys longer than an index takes, 1,000 metrics in an event", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const long = "k".repeat(3_000);
    const kinds: unknown[] = [1, null, true, "2", [3], {}, { a: 1 }, { $num: "NaN" }, 2];
    await runs.both(
      memory,
      range(0, 1_040).map((n) =>
        batch(project, n, { logs: JSON.stringify({ odd: kinds[Math.floor(n / 100) % 9], [long]: n }) }),
      ),
    );
    const wide = Object.fromEntries(range(0, 1_000).map((n) => [`m${n}`, n / 3]));
    await runs.both(
      memory,
      range(2_000, 2_020).map((n) => batch(project, n, { logs: JSON.stringify(wide) })),
    );
    await runs.settled(project, memory);
    await runs.sealAll(project);
    await runs.sameSeries(project, memory, [10, 2_000], ["odd", long, "m0", "m999"]);
    await runs.sameSummary(project, memory);
  });

  test("logs that are too large to be read together", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const text = "x".repeat(1_200_000);
    for (let from = 0; from < 60; from += 10)
      await runs.both(
        memory,
        range(from, from + 10).map((n) => batch(project, n, { logs: JSON.stringify({ loss: noise(n), text }) })),
      );
    await runs.settled(project, memory);
    expect(await runs.sealAll(project)).toBe(60);
    await runs.sameSeries(project, memory, [10, 10_000]);
  }, 30_000);

  test("any mixture, sealed in between", async () => {
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }) },
      { weight: 2, arbitrary: fc.integer({ min: -2, max: 2 }) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>({ $num: "NaN" }, { $num: "-Infinity" }, null, "x") },
    );
    const stretch = fc.record({
      length: fc.integer({ min: 1, max: 90 }),
      kind: fc.constantFrom("on_train_batch_end", "on_train_batch_end", "on_test_batch_end", "on_epoch_end"),
      seq: fc.integer({ min: 0, max: 300 }),
      falls: fc.boolean(),
      step: fc.constantFrom<number | null>(0, 5, null),
      values: fc.array(value, { minLength: 1, maxLength: 7 }),
      keys: fc.subarray(["loss", "val_loss", "acc"], { minLength: 1 }),
      seal: fc.boolean(),
    });
    let rounds = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(stretch, { minLength: 1, maxLength: 6 }), async (stretches) => {
        const project = fresh();
        const memory = openMemoryStore();
        let n = 0;
        for (const { length, kind, seq, falls, step, values, keys, seal } of stretches) {
          const events = range(0, length).map((index) => {
            // Of one seq there is one point, or two forms of a metric would have no order.
            n += 1;
            const at = (seq + (falls ? length - index : index)) * 1_000 + n;
            const logs = Object.fromEntries(keys.map((key, index) => [key, values[(index + index) % values.length]]));
            return batch(project, n, {
              kind,
              seq: at,
              step: step === null ? null : step + index,
              logs: JSON.stringify(logs),
            });
          });
          // Of `val_loss` in a test batch and `loss` there, none comes first.
          await runs.both(
            memory,
            kind === "on_epoch_end" ? events : events.map((one) => ({ ...one, logs: onlyOneForm(one.logs) })),
          );
          if (seal) await runs.sealAll(project);
        }
        await runs.settled(project, memory);
        await runs.sameSeries(project, memory, [10, 23, 10_000]);
        await runs.sameSummary(project, memory);
        await runs.sealAll(project);
        await runs.sameSeries(project, memory, [10, 23, 10_000]);
        await runs.sameSummary(project, memory);
        rounds += 1;
      }),
      { numRuns: 25, interruptAfterTimeLimit: 12_000, endOnFailure: true },
    );
    expect(rounds).toBeGreaterThanOrEqual(5);
  }, 60_000);
});

function onlyOneForm(logs: string | null): string {
  const { val_loss: _, ...rest } = JSON.parse(logs as string);
  return JSON.stringify(rest);
}
