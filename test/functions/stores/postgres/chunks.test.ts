import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Event } from "../../../../functions/event/event.ts";
import { sealWindow } from "../../../../functions/stores/postgres/chunks/seal.ts";
import { sealValues } from "../../../../functions/stores/postgres/chunks/seal-values.ts";
import {
  type Tail,
  tailOf,
  type Window,
  type WindowRow,
  windowOf,
} from "../../../../functions/stores/postgres/chunks/window.ts";
import { openPostgresStore, type PostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import { openPurge } from "../../../../functions/stores/postgres/purge.ts";
import { queryOf } from "../../../../functions/stores/postgres/statements.ts";
import type { SeriesQuery, Store } from "../../../../functions/stores/store.ts";
import { openCuttingProxy } from "../../../stand-ins/cutting-proxy.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { type MemoryStore, openMemoryStore } from "../memory/memory-store.ts";
import { asUser, type FreshDatabase, freshDatabase } from "./fresh-database.ts";

/** Series and summaries are the same whether points stand in the log or in chunks: the memory store has only a log. */

let database: FreshDatabase;
let store: PostgresStore;
let sealers: pg.Pool;
beforeAll(async () => {
  database = await freshDatabase();
  store = openPostgresStore({ ...database, seals: false });
  sealers = new pg.Pool({ connectionString: database.writerUrl, max: 4 });
});
afterAll(async () => {
  await store.close();
  await sealers.end();
});

const RUN = "run";
const asOwner = <T>(work: (client: pg.Client) => Promise<T>) => asUser(database.ownerUrl, work);
const countOf = async (table: string, project: string) =>
  asOwner(async (client) => {
    const { rows } = await client.query(`SELECT count(*)::integer AS n FROM ${table} WHERE project = $1`, [project]);
    return (rows[0] as { n: number }).n;
  });
const sealAll = async (project: string, run = RUN) => {
  let sealed = 0;
  for (;;) {
    const once = await sealWindow(sealers, { project, run }, { all: true });
    if (once.sealed === 0) return sealed;
    sealed += once.sealed;
  }
};
/** Once every transaction that was open beside the last append has ended. */
const settled = async (project: string, memory: MemoryStore) =>
  expect
    .poll(async () => (await store.events({ project, after: "0", limit: 100_000 })).events.length)
    .toBe(memory.rows.length);

const X = ["step", "epoch", "time"] as const;
async function sameSeries(project: string, memory: Store, points: number[], metrics = ["loss", "acc", "rare", "odd"]) {
  for (const x of X) {
    for (const atMost of points) {
      const query: SeriesQuery = { project, runs: [RUN, "nobody"], metrics, x, points: atMost };
      const theirs = (await store.series(query)).series.map((one) => ({ ...one, marks: one.marks }));
      const ours = (await memory.series(query)).series;
      expect(theirs.sort(byIdentity)).toEqual(ours.sort(byIdentity));
    }
  }
}

function byIdentity(a: object, b: object): number {
  const of = (one: object) => JSON.stringify(Object.entries(one).filter(([, value]) => typeof value === "string"));
  return of(a) < of(b) ? -1 : 1;
}

async function sameSummary(project: string, memory: Store) {
  const of = async (from: Store) => JSON.parse(JSON.stringify((await from.run(project, RUN))?.summary));
  expect(await of(store)).toEqual(await of(memory));
}

let next = 0;
const fresh = () => {
  next += 1;
  return `chunks-${next}`;
};

/** A deterministic noise, so that a failure can be looked at again. */
const noise = (n: number) => {
  const value = Math.sin(n * 12.9898) * 43758.5453;
  return value - Math.floor(value);
};
const batch = (project: string, n: number, fields: Partial<Event> = {}): Event =>
  sampleEvent({
    project,
    id: `e-${n.toString().padStart(6, "0")}-${fields.writer ?? ""}`,
    seq: 1_790_000_000_000_000 + n,
    step: n,
    epoch: Math.floor(n / 300),
    createdAt: 1_790_000_000_000_000 + n * 1000 + Math.floor(noise(n) * 500),
    logs: JSON.stringify({ loss: noise(n), acc: n % 7, ...(n % 50 === 0 ? { rare: n } : {}) }),
    ...fields,
  });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

async function both(memory: MemoryStore, events: Event[]) {
  for (let from = 0; from < events.length; from += 1_000) {
    const some = events.slice(from, from + 1_000);
    await store.append(some);
    await memory.append(some);
  }
}

describe("a run that is sealed", () => {
  test("answers the same before, between and after, from roll-ups and from points", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await both(
      memory,
      range(0, 2_500).map((n) => batch(project, n)),
    );
    await settled(project, memory);
    for (let window = 0; ; window++) {
      await sameSeries(project, memory, [10, 125]);
      await sameSummary(project, memory);
      if ((await sealWindow(sealers, { project, run: RUN }, { all: window > 2 })).sealed === 0 && window > 2) break;
    }
    expect(await countOf("chunks", project)).toBe(3 * 3);
    expect(await sealAll(project)).toBe(0);
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
    await both(memory, events);
    await both(memory, [batch(project, 9_000, { kind: "on_epoch_begin" }), batch(project, 9_001, { logs: null })]);
    await settled(project, memory);
    await sealAll(project);
    expect(await countOf("chunk_axes", project)).toBeGreaterThan(3);
    await sameSeries(project, memory, [10, 100, 5_000], ["loss", "val_loss", "acc", "test_acc", "rare"]);
    await sameSummary(project, memory);
  });

  test("the log itself stays as it is, and so do the views", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await both(
      memory,
      range(0, 1_200).map((n) => batch(project, n)),
    );
    await settled(project, memory);
    const views = async () =>
      store.sql(`SELECT (SELECT md5(string_agg(m::text, '' ORDER BY pos, metric)) FROM metrics m WHERE project = '${project}'),
        (SELECT md5(string_agg(s::text, '' ORDER BY metric)) FROM run_summary s WHERE project = '${project}'),
        (SELECT md5(string_agg(l::text, '' ORDER BY metric)) FROM latest_metrics l WHERE project = '${project}')`);
    const before = await views();
    expect(await sealAll(project)).toBeGreaterThan(1_000);
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
    await both(memory, bursts);
    await settled(project, memory);
    await sealAll(project);
    await both(
      memory,
      range(100, 700).map((n) => batch(project, n, { id: `resumed-${n}`, seq: 9_000_000 + n })),
    );
    await both(
      memory,
      range(0, 300).map((n) => batch(project, n, { id: `late-${n}`, seq: 2 * n })),
    );
    await settled(project, memory);
    await sameSeries(project, memory, [10, 300, 10_000]);
    await sealAll(project);
    await sameSeries(project, memory, [10, 300, 10_000]);
    await sameSummary(project, memory);
  });

  test("seqs that only differ beyond 2^53 keep their order", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const top = 9223372036854775807n;
    await both(
      memory,
      range(0, 1_100).map((n) => batch(project, n, { seq: top - BigInt((n * 7) % 1_100) })),
    );
    await settled(project, memory);
    await sameSeries(project, memory, [2_000]);
    await sealAll(project);
    await sameSeries(project, memory, [10, 2_000]);
    await sameSummary(project, memory);
  });

  test("NaN, infinities, -0 and integers beyond 2^53; steps and epochs that are missing or enormous", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const odd = ["NaN", "Infinity", "-Infinity", "-0", "9223372036854775807", "9007199254740993"];
    const logs = (n: number) => JSON.stringify({ loss: noise(n), odd: { $num: odd[n % odd.length] } });
    const steps = [null, 9223372036854775807n, 0, 1, 9007199254740993n];
    await both(
      memory,
      range(0, 700).map((n) => batch(project, n, { logs: logs(n), step: steps[n % 5] as Event["step"] })),
    );
    await both(
      memory,
      range(700, 1_200).map((n) => batch(project, n, { logs: logs(n), step: null, epoch: null })),
    );
    await settled(project, memory);
    await sealAll(project);
    await sameSeries(project, memory, [10, 200, 10_000]);
    await sameSummary(project, memory);
  });

  test("a metric that becomes another kind of value, keys longer than an index takes, 1,000 metrics in an event", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const long = "k".repeat(3_000);
    const kinds: unknown[] = [1, null, true, "2", [3], {}, { a: 1 }, { $num: "NaN" }, 2];
    await both(
      memory,
      range(0, 1_040).map((n) =>
        batch(project, n, { logs: JSON.stringify({ odd: kinds[Math.floor(n / 100) % 9], [long]: n }) }),
      ),
    );
    const wide = Object.fromEntries(range(0, 1_000).map((n) => [`m${n}`, n / 3]));
    await both(
      memory,
      range(2_000, 2_020).map((n) => batch(project, n, { logs: JSON.stringify(wide) })),
    );
    await settled(project, memory);
    await sealAll(project);
    await sameSeries(project, memory, [10, 2_000], ["odd", long, "m0", "m999"]);
    await sameSummary(project, memory);
  });

  test("logs that are too large to be read together", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const text = "x".repeat(1_200_000);
    for (let from = 0; from < 60; from += 10)
      await both(
        memory,
        range(from, from + 10).map((n) => batch(project, n, { logs: JSON.stringify({ loss: noise(n), text }) })),
      );
    await settled(project, memory);
    expect(await sealAll(project)).toBe(60);
    await sameSeries(project, memory, [10, 10_000]);
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
          await both(
            memory,
            kind === "on_epoch_end" ? events : events.map((one) => ({ ...one, logs: onlyOneForm(one.logs) })),
          );
          if (seal) await sealAll(project);
        }
        await settled(project, memory);
        await sameSeries(project, memory, [10, 23, 10_000]);
        await sameSummary(project, memory);
        await sealAll(project);
        await sameSeries(project, memory, [10, 23, 10_000]);
        await sameSummary(project, memory);
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

describe("sealing beside everything else", () => {
  test("readers see every acknowledged point once, in order, while a run grows and is sealed from two places", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    let isDone = false;
    const sealing = [0, 1].map(async (index) => {
      while (!isDone) await sealWindow(sealers, { project, run: RUN }, { all: index === 0 });
    });
    const reading = (async () => {
      let reads = 0;
      while (!isDone) {
        const { series, cursor } = await store.series({
          project,
          runs: [RUN],
          metrics: ["loss"],
          x: "step",
          points: 10_000,
        });
        const steps = series[0]?.x ?? [];
        expect(steps).toEqual(range(0, steps.length));
        // What lies behind the cursor is just the rest.
        const { events } = await store.events({ project, after: cursor, limit: 10_000 });
        expect(events.map(({ step }) => step).slice(0, 1)).toEqual(events.length > 0 ? [steps.length] : []);
        const [thin] = (await store.series({ project, runs: [RUN], metrics: ["acc"], x: "step", points: 10 })).series;
        if (thin !== undefined && thin.total > 7)
          expect([Math.min(...(thin.y as number[])), Math.max(...(thin.y as number[]))]).toEqual([0, 6]);
        reads += 1;
      }
      return reads;
    })();
    for (let from = 0; from < 4_000; from += 40) {
      await both(
        memory,
        range(from, from + 40).map((n) => batch(project, n)),
      );
    }
    await settled(project, memory);
    isDone = true;
    await Promise.all(sealing);
    expect(await reading).toBeGreaterThan(3);
    expect(await countOf("chunks", project)).toBeGreaterThan(5);
    await sameSeries(project, memory, [10, 300, 10_000]);
    await sameSummary(project, memory);
  }, 60_000);

  test("two at once seal a window once", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await both(
      memory,
      range(0, 1_000).map((n) => batch(project, n)),
    );
    await settled(project, memory);
    const answers = await Promise.all(range(0, 4).map(() => sealWindow(sealers, { project, run: RUN }, { all: true })));
    expect(answers.reduce((sum, { sealed }) => sum + sealed, 0)).toBe(1_000);
    expect(await countOf("chunk_axes", project)).toBe(1);
    await sameSeries(project, memory, [10, 10_000]);
  });

  test("what is cut off in the middle leaves nothing behind, and is done by the next", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await both(
      memory,
      range(0, 990).map((n) => batch(project, n)),
    );
    await settled(project, memory);
    await asOwner(async (holder) => {
      // A lock on the last table that sealing writes holds it there, with half of its work done.
      await holder.query("BEGIN");
      await holder.query("LOCK TABLE chunks IN SHARE ROW EXCLUSIVE MODE");
      const failed = expect(sealWindow(sealers, { project, run: RUN }, { all: true })).rejects.toMatchObject({
        code: "57P01",
      });
      await asUser(database.superUrl, async (client) => {
        const waiting = `SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'integraviz.chunks'::regclass`;
        await expect.poll(async () => (await client.query(waiting)).rows.length).toBe(1);
        await client.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS w`);
      });
      await failed;
      await holder.query("ROLLBACK");
    });
    for (const table of ["sealed", "chunk_axes", "chunks"]) expect(await countOf(table, project)).toBe(0);
    await sameSeries(project, memory, [10, 10_000]);
    expect(await sealAll(project)).toBe(980);
    await sameSeries(project, memory, [10, 10_000]);
  });

  test("who is frozen half-way holds up no reader", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const proxy = await openCuttingProxy(Number(new URL(database.writerUrl).port));
    const frozen = new pg.Pool({ connectionString: database.writerUrl.replace(/:\d+\//, `:${proxy.port}/`) });
    try {
      await both(
        memory,
        range(0, 20).map((n) => batch(project, n)),
      );
      await settled(project, memory);
      proxy.freezeAt("chunkSeal");
      const thawed = expect(sealWindow(frozen, { project, run: RUN }, { all: true })).rejects.toThrow();
      await expect.poll(() => countOf("chunk_axes", project)).toBe(1);
      await both(memory, [batch(project, 20)]);
      await settled(project, memory);
      await sameSeries(project, memory, [10]);
      await proxy.close();
      await thawed;
    } finally {
      await frozen.end();
      await proxy.close();
    }
  });

  test("what was read of a run before it was purged is not added afterwards", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await both(
      memory,
      range(0, 20).map((n) => batch(project, n)),
    );
    await settled(project, memory);
    const { rows } = await sealers.query<WindowRow>(
      queryOf("chunkWindow", { project, run: RUN, horizon: await store.cursor() }),
    );
    const window = windowOf(tailOf(rows[0]!) as Tail) as Window;
    const purge = await openPurge(database.ownerUrl, { project, actor: "ada", reason: "asked for" });
    for (const target of await purge.targets()) await purge.erase(target);
    await purge.close();
    const added = await sealers.query(queryOf("chunkSeal", sealValues({ project, run: RUN }, window)));
    expect(added.rows).toEqual([{ sealed: false }]);
    for (const table of ["sealed", "chunk_axes", "chunks"]) expect(await countOf(table, project)).toBe(0);
  });

  test("nothing at or above the oldest open transaction is sealed", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const late = new pg.Client({ connectionString: database.writerUrl });
    await late.connect();
    await late.query("BEGIN");
    await late.query("LOCK TABLE events IN ROW EXCLUSIVE MODE");
    await late.query("SELECT pg_current_xact_id()");
    await both(
      memory,
      range(0, 40).map((n) => batch(project, n)),
    );
    expect(await sealAll(project)).toBe(0);
    await late.end();
    await settled(project, memory);
    expect(await sealAll(project)).toBe(40);
    await sameSeries(project, memory, [10, 10_000]);
  });
});

describe("who may seal, and when", () => {
  test.each([
    "INSERT INTO sealed VALUES (1, 'p', 'r')",
    "UPDATE sealed SET pos = 0",
    "DELETE FROM sealed",
    "INSERT INTO chunks (project) VALUES ('p')",
    "UPDATE chunks SET points = 0",
    "DELETE FROM chunk_axes",
    "TRUNCATE chunks",
  ])("the writer cannot %s", async (statement) => {
    await expect(asUser(database.writerUrl, (client) => client.query(statement))).rejects.toMatchObject({
      code: "42501",
    });
  });

  test("the reader can neither see chunks nor seal", async () => {
    await asUser(database.readerUrl, async (client) => {
      for (const table of ["sealed", "chunk_axes", "chunks"])
        await expect(client.query(`SELECT FROM ${table}`)).rejects.toMatchObject({ code: "42501" });
      const nulls = Array.from({ length: 27 }, () => "NULL").join();
      await expect(client.query(`SELECT seal_window('p', 'r', ${nulls})`)).rejects.toMatchObject({ code: "42501" });
    });
  });

  test("by itself: at 1,000 events, at the end of the training, and when a reader meets a long tail", async () => {
    const project = fresh();
    const reports: unknown[] = [];
    await store.close();
    store = openPostgresStore({ ...database, report: (error) => reports.push(error) });
    const memory = openMemoryStore();
    await both(
      memory,
      range(0, 2_000).map((n) => batch(project, n)),
    );
    await expect.poll(() => countOf("chunk_axes", project)).toBeGreaterThan(0);
    await both(memory, [
      ...range(2_000, 2_100).map((n) => batch(project, n)),
      batch(project, 3_000, { kind: "on_train_end" }),
    ]);
    const left = async () =>
      asOwner(async (client) => {
        const { rows } = await client.query(
          "SELECT count(*)::integer AS n FROM events e WHERE project = $1 AND kind = 'on_train_batch_end' AND pos >= (SELECT pos FROM sealed WHERE project = $1)",
          [project],
        );
        return (rows[0] as { n: number }).n;
      });
    await expect.poll(left).toBeLessThan(20);
    await sameSeries(project, memory, [10, 10_000]);

    // As another process left it.
    await asOwner((client) =>
      client.query(`DELETE FROM sealed; DELETE FROM chunks; DELETE FROM chunk_axes`).then(() => undefined),
    );
    await sameSeries(project, memory, [10, 10_000]);
    await expect.poll(left).toBeLessThan(1_000);
    await sameSeries(project, memory, [10, 10_000]);
    expect(reports).toEqual([]);
  });
});
