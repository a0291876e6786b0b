import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Event } from "../../functions/event.ts";
import { readLogs } from "../../functions/event-values.ts";
import { openPostgresStore } from "../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../functions/stores/store.ts";
import { freshDatabase } from "./fresh-database.ts";
import { type MemoryStore, openMemoryStore } from "./memory-store.ts";
import { bySeq, compare, iso, metricsOf } from "./memory-views.ts";
import { sampleEvent } from "./sample-event.ts";

let postgres: Store;
beforeAll(async () => {
  postgres = openPostgresStore(await freshDatabase());
});
afterAll(() => postgres.close());

const whole = fc.oneof(fc.constant(null), fc.integer({ min: -3, max: 20 }), fc.constant(9223372036854775807n));
const number = fc.oneof(
  { weight: 6, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }) },
  { weight: 2, arbitrary: fc.integer({ min: -5, max: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom(1e300, -1e22, 5e-324, 2 ** 60, 0.1) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("NaN", "Infinity", "-Infinity", "-0", "9007199254740993").map(($num) => ({ $num })),
  },
);
const anything = fc.oneof(
  { weight: 6, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, true, "0.5", [], [1], {}, { a: 1 }) },
);
const keys = ["loss", "val_loss", "test_loss", "acc", "val_acc", "val_", "é", "step time", "err", "VAL_x", "val_val_x"];
/** Of one metric, split and level there is one series: where two keys mean the same, points of one seq have no order. */
const plainKeys = keys.filter((key) => !/^(val|test)_./.test(key));
const tags = fc.record(
  {
    name: fc.constantFrom(null, "first", "Second", ""),
    note: fc.constantFrom(null, "n"),
    archived: fc.constantFrom<unknown>(null, true, false, "true", 1),
    seed: fc.constantFrom<unknown>(null, 1, "x", { a: [null] }),
  },
  { requiredKeys: [] },
);
const kinds: [string, fc.Arbitrary<Record<string, unknown> | null>][] = [
  ["on_epoch_end", fc.dictionary(fc.constantFrom(...keys), anything)],
  ["on_train_batch_end", fc.dictionary(fc.constantFrom(...plainKeys), anything)],
  ["on_test_batch_end", fc.dictionary(fc.constantFrom(...plainKeys), anything)],
  ["on_train_begin", fc.constant(null)],
  ["on_train_end", fc.constantFrom(null, {}, { status: "failed" }, { status: "stopped" }, { status: 5 })],
  ["params", tags],
  ["tags", tags],
  ["heartbeat", fc.constantFrom<Record<string, unknown>>({ interval_s: 1e6 }, { interval_s: "x" }, {})],
  ["on_epoch_begin", fc.constantFrom(null, { loss: 1 })],
];
const event = (project: string): fc.Arbitrary<Event> =>
  fc.oneof(
    ...kinds.map(([kind, logs]) =>
      fc.record({ kind: fc.constant(kind), logs }).chain(({ kind, logs }) =>
        fc
          .record({
            run: fc.constantFrom("a", "b", "c"),
            id: fc.uuid(),
            writer: fc.constantFrom("", "rank-1"),
            seq: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(9007199254740993n, 9223372036854775807n)),
            actor: fc.constantFrom(null, null, null, "ada"),
            epoch: whole,
            step: whole,
            batch: whole,
            createdAt: fc.integer({ min: -1e15, max: 4e15 }),
          })
          .map((fields) =>
            sampleEvent({ project, kind, ...fields, logs: readLogs(structuredClone(logs), "logs", true) }),
          ),
      ),
    ),
  );

describe("the SQL views say what the model says", () => {
  let next = 0;
  test("row for row, for random events", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(event("-"), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        async (requests) => {
          next += 1;
          const project = `p${next}`;
          const memory = openMemoryStore();
          for (const request of requests) {
            const events = request.map((one) => ({ ...one, project }));
            expect(await postgres.append(events)).toEqual(await memory.append(events));
          }
          await expect
            .poll(async () => (await postgres.events({ project, after: "0", limit: 1000 })).events)
            .toEqual((await memory.events({ project, after: "0", limit: 1000 })).events);
          await sameRuns(project, memory);
          await sameSeries(project, memory);
          await sameMetrics(project, memory);
        },
      ),
      { numRuns: 40, interruptAfterTimeLimit: 60_000, endOnFailure: true },
    );
  }, 90_000);
});

async function sameRuns(project: string, memory: MemoryStore): Promise<void> {
  for (const sort of ["name", "-started_at", "started_at"] as const) {
    const query = { project, sort, limit: 10 };
    expect(withoutClock((await postgres.runs(query)).runs)).toEqual(withoutClock((await memory.runs(query)).runs));
  }
  for (const run of ["a", "b", "c", "d"]) {
    expect(withoutClock([await postgres.run(project, run)])).toEqual(withoutClock([await memory.run(project, run)]));
  }
  expect(await postgres.control(project, ["a", "b", "c", "d"])).toEqual(
    await memory.control(project, ["a", "b", "c", "d"]),
  );
}

/** Each store has its own clock. The rest as JSON has it: of 0 and -0 either may be called the lowest. */
function withoutClock(runs: readonly (object | null)[]): unknown {
  return JSON.parse(JSON.stringify(runs.map((run) => run && { ...run, last_event_at: null })));
}

async function sameSeries(project: string, memory: MemoryStore): Promise<void> {
  for (const x of ["epoch", "step", "time"] as const) {
    const query = { project, runs: ["a", "b", "c"], metrics: ["loss", "acc", "é", "val_acc", "err"], x, points: 10 };
    const [theirs, ours] = [await postgres.series(query), await memory.series(query)];
    expect(theirs.series.toSorted(byIdentity)).toEqual(ours.series.toSorted(byIdentity));
  }
}

function byIdentity(a: object, b: object): number {
  const identity = (one: object) =>
    JSON.stringify(
      Object.values({ ...one })
        .slice(0, 4)
        .toSorted(),
    );
  return compare(identity(a), identity(b));
}

async function sameMetrics(project: string, memory: MemoryStore): Promise<void> {
  const rows = memory.rows.filter((row) => row.project === project);
  const metrics = metricsOf(rows).toSorted(
    (a, b) => a.pos - b.pos || compare(a.metric, b.metric) || compare(a.split, b.split),
  );
  const columns = `run, metric, split, level, writer, epoch::text, step::text, seq::text, iso(ts), value::text, value_kind, value_text`;
  const inSql = async (sql: string) => (await postgres.sql(sql)).rows;
  const said = metrics.map((one) => [
    ...[one.run, one.metric, one.split, one.level, one.writer],
    ...[one.epoch, one.step, one.seq].map((value) => (value === null ? null : String(value))),
    iso(one.ts),
    one.kind,
    one.text,
  ]);
  const stored = await inSql(
    `SELECT ${columns} FROM metrics WHERE project = '${project}' ORDER BY pos, metric COLLATE "C", split COLLATE "C"`,
  );
  expect(stored.map((row) => row.filter((_, index) => index !== 9))).toEqual(said);
  stored.forEach((row, index) => {
    expect(Object.is(Number(row[9]), metrics[index]?.value)).toBe(true);
  });

  const last = new Map(
    metrics.toSorted(bySeq).map((one) => [[one.run, one.metric, one.split, one.level].join(), one.text]),
  );
  const latest = await inSql(
    `SELECT run, metric, split, level, value_text FROM latest_metrics WHERE project = '${project}'`,
  );
  expect(new Map(latest.map((row) => [row.slice(0, 4).join(), row[4]]))).toEqual(last);

  const link = await inSql(
    `SELECT id, description, iso(created_at), logs, epoch::text FROM raw_link WHERE id IN ('a', 'b', 'c')
     AND EXISTS (SELECT FROM runs WHERE project = '${project}') LIMIT 1`,
  );
  expect(link.length).toBe(1);
}
