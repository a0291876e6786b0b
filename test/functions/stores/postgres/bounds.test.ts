import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { freshDatabase } from "./fresh-database.ts";

let store: Store;
beforeAll(async () => {
  store = openPostgresStore(await freshDatabase());
});
afterAll(() => store.close());

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

test("a page of events that the database cut for what they may come to goes on where it was cut", async () => {
  // Stored in 1 % of its size, which is taken for 100 times as much.
  const logs = JSON.stringify({ pad: "x".repeat(100_000) });
  const ids = Array.from({ length: 60 }, (_, n) => `e${n}`);
  await store.append(ids.map((id) => sampleEvent({ project: "pads", id, kind: "note", logs })));
  const pages: string[][] = [];
  for (let [after, more] = ["0", true]; more; ) {
    const part: Awaited<ReturnType<Store["events"]>> = await store.events({ project: "pads", after, limit: 1_000 });
    pages.push(part.events.map(({ event_id }) => event_id));
    [after, more] = [part.cursor, part.more];
  }
  expect(pages.flat()).toEqual(ids);
  expect(pages[0]?.length).toBeLessThan(42);
  expect(pages.length).toBeLessThan(4);
});
