import { expect, test } from "vitest";
import type { LogQuery } from "../../../functions/stores/store.ts";
import { logPages } from "../../../operations/copy/log-pages.ts";
import { openMemoryStore } from "../../functions/stores/memory/memory-store.ts";
import { hardEvents } from "../logs.ts";

test.each([
  ["grow while events are small", 100, 3_000, [500, 2_000, 5_000]],
  ["come to 16 MB or so where they are large", 40_000, 1_200, [500, 420, 420]],
])("pages %s", async (_, letters, count, expected) => {
  const store = openMemoryStore();
  const logs = JSON.stringify({ text: "x".repeat(letters - 11) });
  await store.append(hardEvents(count).map((event) => ({ ...event, logs })));
  const limits: number[] = [];
  const log = (query: LogQuery) => {
    limits.push(query.limit);
    return store.log(query);
  };
  const ids: string[] = [];
  const part = { after: null, before: await store.cursor() };
  for await (const { events } of logPages({ ...store, log }, part)) ids.push(...events.map(({ id }) => id));
  expect(new Set(ids).size).toBe(count);
  expect(limits).toEqual(expected);
});
