import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { connected, freshDatabase } from "./fresh-database.ts";

let store: Store;
let owner: pg.Client;
beforeAll(async () => {
  const database = await freshDatabase();
  store = openPostgresStore(database);
  owner = await connected(database.ownerUrl);
  await owner.query("SET search_path = integraviz");
});
afterAll(() => Promise.all([store.close(), owner.end()]));

const RUNS = 11;
const metrics = (prefix: string) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, key) => [`${prefix}${key}`, key])));

test("a list of runs with thousands of metrics comes in pages that hold 50,000, each run once", async () => {
  for (let run = 0; run < RUNS; run++)
    await store.append([
      sampleEvent({ project: "many", run: `r${run}`, kind: "on_epoch_end", epoch: 0, logs: metrics("m") }),
    ]);
  const seen: string[] = [];
  const sizes: number[] = [];
  for (let page: string | null = "0"; page !== null; ) {
    const part: Awaited<ReturnType<Store["runs"]>> = await store.runs({
      project: "many",
      sort: "name",
      limit: 100,
      page,
    });
    sizes.push(part.runs.reduce((sum, { summary }) => sum + summary.length, 0));
    seen.push(...part.runs.map(({ run }) => run));
    page = part.next;
  }
  expect(seen.toSorted()).toEqual(Array.from({ length: RUNS }, (_, run) => `r${run}`).toSorted());
  expect(sizes).toEqual([50_000, 5_000]);
});

test("of a run with more metrics than that, 5,000 are given, and it says so", async () => {
  for (const prefix of "ab")
    await store.append([
      sampleEvent({ project: "one", run: "r", kind: "on_epoch_end", epoch: 0, logs: metrics(prefix) }),
    ]);
  const run = await store.run("one", "r");
  expect(run).toMatchObject({ summary: { length: 5_000 }, summary_truncated: true });
});

describe("a page of events ends with the logs that fill it, however small they are stored", () => {
  test.each([
    ["in 1 % of their size", 60, JSON.stringify({ pad: "x".repeat(100_000) }), [42, 18]],
    ["in half of it", 1_000, JSON.stringify({ said: words(3_000) }), [1_000]],
    ["in half of it, until it is full", 1_500, JSON.stringify({ said: words(6_000) }), [698, 698, 104]],
  ])("%s", async (name, count, logs, sizes) => {
    const ids = Array.from({ length: count }, (_, n) => `e${n}`);
    await store.append(ids.map((id) => sampleEvent({ project: name, id, kind: "note", logs })));
    const { rows } = await owner.query("SELECT max(pg_column_size(logs)) AS size FROM events WHERE project = $1", [
      name,
    ]);
    expect(rows[0].size).toBeLessThan(logs.length * 0.6);
    const pages: string[][] = [];
    for (let [after, more] = ["0", true]; more; ) {
      const part: Awaited<ReturnType<Store["events"]>> = await store.events({ project: name, after, limit: 1_000 });
      pages.push(part.events.map(({ event_id }) => event_id));
      [after, more] = [part.cursor, part.more];
    }
    expect(pages.flat()).toEqual(ids);
    expect(pages.map(({ length }) => length)).toEqual(sizes);
  });
});

/** Text that compresses to about half. */
function words(length: number): string {
  let text = "";
  for (let n = 1; text.length < length; n = (n * 48_271) % 2_147_483_647) text += `loss ${n % 10_000}, `;
  return text.slice(0, length);
}
