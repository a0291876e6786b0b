import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sqlExamples } from "../../../dashboards/live/sql/examples.ts";
import { openPostgresStore } from "../../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../../functions/stores/store.ts";
import { sampleEvent } from "../event/sample-event.ts";
import { freshDatabase } from "./postgres/fresh-database.ts";

const PROJECT = "o'brien";
let store: Store;
beforeAll(async () => {
  store = openPostgresStore(await freshDatabase());
  for (const [run, params, provenance] of [
    ["older", { lr: 0.1, epochs: 3 }, { git_commit: "aaa", host: "h", packages: { tf: "1" } }],
    ["newer", { lr: 0.2, epochs: 3, warmup: 5 }, { git_commit: "bbb", host: "h", packages: { tf: "1" } }],
  ] as const) {
    const of = (kind: string, logs: object) => sampleEvent({ project: PROJECT, run, kind, logs: JSON.stringify(logs) });
    await store.append([
      of("on_train_begin", {}),
      of("params", params),
      of("tags", { provenance, name: run }),
      of("on_epoch_end", { loss: 1, val_loss: 2 }),
    ]);
  }
});
afterAll(() => store.close());

describe("the examples of the page", () => {
  test.each(sqlExamples(PROJECT))("$title runs", async ({ sql }) => {
    expect((await store.sql(sql)).columns.length).toBeGreaterThan(0);
    expect((await store.sqlWithin!([PROJECT], sql)).rows).toEqual((await store.sql(sql)).rows);
  });

  test("two runs compared shows what differs and nothing else", async () => {
    const { sql } = sqlExamples(PROJECT).find(({ title }) => title === "Two runs compared")!;
    expect((await store.sql(sql)).rows).toEqual([
      ["git_commit", "aaa", "bbb"],
      ["lr", "0.1", "0.2"],
      ["name", "older", "newer"],
      ["warmup", null, "5"],
    ]);
  });
});
