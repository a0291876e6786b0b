import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { createHandler } from "../../../functions/http/handler.ts";
import { openPostgresStore } from "../../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../../functions/stores/store.ts";
import { openMemoryStore } from "../stores/memory/memory-store.ts";
import { freshDatabase } from "../stores/postgres/fresh-database.ts";

const PROJECT = "fuzz";
const seeds = [
  '{"run_id":"r","event_id":"e","kind":"on_epoch_end","epoch":0,"logs":{"loss":0.5,"a":[1,{"b":null}]}}',
  '[{"run_id":"r","kind":"k","seq":9223372036854775807,"created_at":"2026-01-31T12:00:00.123456Z"},{"run_id":"s","kind":"k"}]',
  '{"events":[{"run_id":"r","kind":"params","logs":{"lr":1e-3,"x":NaN,"y":-Infinity}}],"sent_at":"2026-01-31T12:00:00Z"}',
  '{"run_id":"r","kind":"k"}\n{"run_id":"r","kind":"heartbeat","logs":{"interval_s":5}}\n',
  '{"id":"r","description":"on_epoch_end","created_at":"2023-08-14 10:00:00","logs":{"loss":"it\'s"},"epoch":1}',
  '{"id":"r","description":"on_train_begin","created_at":1692007200.123456}',
];
/** What may be put where something else stood. */
const scraps = fc.constantFrom(
  ...'{}[],:"\\0-+.eE \n\t\u0000\u00e9\ufeff'.split(""),
  ...["null", "true", "NaN", "-Infinity", "1e400", "-0.0", "9007199254740993", "9223372036854775808", "1e300", "[[[["],
  ...[
    '"\\u0000"',
    '"\\ud800"',
    '"\ud83d\ude00"',
    '{"$num":"5"}',
    '{"$num":"x"}',
    '"__proto__":1,',
    '"epoch":',
    '"$num"',
  ],
  ...['"kind":"purge",', '"event_id":"e",', '"2026-02-31"', "x".repeat(300), '"created_at":"1969-12-31T23:59:59Z",'],
);
const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat(400), fc.nat(12), scraps, fc.boolean()), { minLength: 0, maxLength: 4 }),
  )
  .map(([seed, changes]) =>
    changes.reduce((text, [at, length, scrap, keeps]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + scrap + text.slice(keeps ? from : from + length);
    }, seed),
  );
const value = fc.oneof(
  fc.jsonValue({ stringUnit: "binary" }),
  fc.constantFrom({ $num: "NaN" }, { $num: "12" }, -0, "\ud800", ["a\udc00"], "\u0000"),
);
const wellFormed = fc
  .array(
    fc.record(
      {
        run_id: fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom("r", "é😀") },
          { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
        ),
        event_id: fc.constantFrom("a", "b", "c", "d"),
        kind: fc.constantFrom("on_epoch_end", "on_train_begin", "on_train_end", "params", "tags", "heartbeat", "alert"),
        epoch: fc.maxSafeInteger(),
        seq: fc.bigInt(-(2n ** 63n) - 9n, 2n ** 63n).map((whole) => ({ $num: String(whole) })),
        logs: fc.dictionary(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\ud800", "\u0000")), value),
      },
      { requiredKeys: ["run_id", "kind"] },
    ),
    { maxLength: 5 },
  )
  .map((events) => JSON.stringify(events));
const body = fc.oneof(
  mutated.map((text) => Buffer.from(text)),
  wellFormed.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);
/** What a request must have to get anywhere, three times of four. */
const usually = <T>(good: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: odd });
const request = fc.record({
  path: fc.constantFrom("/v1/events", "/v1/events", "/"),
  query: usually(
    fc.constant(""),
    fc.constantFrom("?project=fuzz", "?project=other", "?project=%00", "?token=x", "?project=fuzz&project=a", "?%ff"),
  ),
  body,
  zipped: usually(fc.constant(false), fc.constant(true)),
  headers: usually(
    fc.constantFrom<Record<string, string>>({}, { "content-type": "application/x-ndjson" }),
    fc.dictionary(
      fc.constantFrom("content-type", "content-encoding", "x-csrf-token", "cookie", "last-event-id"),
      fc.constantFrom(
        "application/json",
        "application/x-ndjson",
        "text/plain",
        "gzip",
        "GZIP",
        "br",
        "identity",
        "",
        "a=b; c",
      ),
    ),
  ),
});

type Fuzzed = typeof request extends fc.Arbitrary<infer T> ? T : never;

describe("whatever is sent to the ingest routes", () => {
  const memory = openMemoryStore();
  test("it is stored whole or refused, in memory", () => sendAll(memory, 1_500), 60_000);

  let postgres: Store | null = null;
  afterAll(() => postgres?.close());
  test("it is stored whole or refused, in PostgreSQL", async () => {
    postgres = openPostgresStore(await freshDatabase());
    await sendAll(postgres, 250);
  }, 60_000);
});

async function sendAll(store: Store, numRuns: number): Promise<void> {
  const reports: unknown[] = [];
  /** What reached the store, and what it says it took. */
  let reached = 0;
  let stored = 0;
  const counting: Store = Object.create(store, {
    append: {
      value: async (events: Parameters<Store["append"]>[0]) => {
        reached += events.length;
        return store.append(events);
      },
    },
  });
  const app = createHandler({
    store: counting,
    verify: async () => ({ actor: "fuzz", projects: [PROJECT], scopes: ["ingest"], jti: "1" }),
    report: (error) => reports.push(error),
  });
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(request, async (fuzzed) => {
      const before = { reached, stored };
      const answer = await app.fetch(requestOf(fuzzed));
      statuses.add(answer.status);
      const text = await answer.text();
      expect(answer.status, text).toBeLessThan(500);
      expect(reports).toEqual([]);
      if (answer.status !== 200) {
        expect(answer.headers.get("content-type")).toBe("application/problem+json");
        expect(reached).toBe(before.reached);
        return;
      }
      const { accepted, duplicates, conflicts } = JSON.parse(text);
      expect(accepted + duplicates + conflicts.length).toBe(reached - before.reached);
      stored += accepted;
    }),
    { numRuns },
  );
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400]));
  await expect
    .poll(async () => (await store.events({ project: PROJECT, after: "0", limit: 100_000 })).events.length)
    .toBe(stored);
  expect(await store.projects()).toEqual([PROJECT]);
  const { runs } = await store.runs({ project: PROJECT, sort: "name", limit: 1000 });
  for (const { run } of runs) expect((await store.run(PROJECT, run))?.run).toBe(run);
}

function requestOf({ path, query, body, zipped, headers }: Fuzzed): Request {
  const sent = new Headers({ authorization: "Bearer x", ...headers });
  if (zipped) sent.set("content-encoding", "gzip");
  const bytes = zipped ? gzipSync(body) : body;
  return new Request(`http://api.example${path}${query}`, {
    method: "POST",
    headers: sent,
    body: new Uint8Array(bytes),
  });
}
