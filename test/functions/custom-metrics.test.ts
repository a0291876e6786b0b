import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CustomMetric, customMetrics, mistakeText } from "../../functions/stores/custom-metrics.ts";
import { applyCustomMetrics } from "../../functions/stores/postgres/custom-metrics.ts";
import { openPostgresStore } from "../../functions/stores/postgres/postgres.ts";
import { asUser, type FreshDatabase, freshDatabase } from "./fresh-database.ts";
import { sampleEvent } from "./sample-event.ts";

const SECOND = 1_000_000;
const START = 1_769_860_800 * SECOND;

/** Three epochs of 10, 20 and 30 seconds. */
const epochs = [
  { accuracy: 0.5, val_accuracy: 0.4, loss: 1, val_loss: 1.5 },
  { accuracy: 0.7, val_accuracy: 0.8, loss: 0.5, val_loss: 2 },
  { accuracy: 0.6, val_accuracy: 0.6, loss: { $num: "NaN" }, val_loss: 1 },
];

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  const store = openPostgresStore(database);
  // Older than the views that are asked.
  const ends = [10, 30, 60].map((second) => START + second * SECOND);
  await store.append([
    sampleEvent({ kind: "on_train_begin", createdAt: START, seq: 1 }),
    ...epochs.map((logs, epoch) =>
      sampleEvent({
        kind: "on_epoch_end",
        epoch,
        createdAt: ends[epoch] as number,
        seq: 2 + epoch,
        logs: JSON.stringify(logs),
      }),
    ),
  ]);
  await store.close();
});

const asReader = <T>(work: (client: pg.Client) => Promise<T>) => asUser(database.readerUrl, work);
const valuesOf = (view: string, metric: string, split = "validation") =>
  asReader(async (client) => {
    const { rows } = await client.query<{ epoch: string; value: number }>(
      `SELECT epoch, value FROM ${view} WHERE metric = $1 AND split = $2 ORDER BY seq`,
      [metric, split],
    );
    return rows.map(({ epoch, value }) => [Number(epoch), Number(Number(value).toFixed(6))]);
  });

describe("the custom metrics that ship", () => {
  test.each([
    [
      "generalisation_gap",
      "generalisation_gap.loss",
      "validation",
      [
        [0, 0.5],
        [1, 1.5],
        [2, Number.NaN],
      ],
    ],
    [
      "generalisation_gap",
      "generalisation_gap.accuracy",
      "validation",
      [
        [0, 0.1],
        [1, -0.1],
        [2, 0],
      ],
    ],
    ["moving_average", "moving_average.val", "validation", []],
    [
      "moving_average",
      "moving_average.accuracy",
      "validation",
      [
        [0, 0.4],
        [1, 0.6],
        [2, 0.6],
      ],
    ],
    [
      "moving_average",
      "moving_average.loss",
      "train",
      [
        [0, 1],
        [1, 0.75],
      ],
    ],
    [
      "best_so_far",
      "best_so_far.accuracy",
      "validation",
      [
        [0, 0.4],
        [1, 0.8],
        [2, 0.8],
      ],
    ],
    [
      "best_so_far",
      "best_so_far.loss",
      "validation",
      [
        [0, 1.5],
        [1, 1.5],
        [2, 1],
      ],
    ],
    [
      "time_per_epoch",
      "time_per_epoch",
      "train",
      [
        [0, 10],
        [1, 20],
        [2, 30],
      ],
    ],
    [
      "cost_per_accuracy_point",
      "cost_per_accuracy_point",
      "validation",
      [
        [0, 0.25],
        [1, 0.375],
        [2, 0.75],
      ],
    ],
  ])("%s: %s of %s", async (view, metric, split, expected) => {
    expect(await valuesOf(view, metric, split)).toEqual(expected);
    expect(await valuesOf("custom_metrics", metric, split)).toEqual(expected);
  });

  test("each is tested here, and in no dialect is one missing", () => {
    const names = customMetrics("postgres").map(({ name }) => name);
    expect(names).toEqual([
      "best_so_far",
      "cost_per_accuracy_point",
      "generalisation_gap",
      "moving_average",
      "time_per_epoch",
    ]);
    for (const dialect of ["snowflake", "bigquery"] as const)
      expect(customMetrics(dialect).map(({ name }) => name)).toEqual(names);
  });
});

describe("one's own", () => {
  let own: FreshDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    own = await freshDatabase();
    client = new pg.Client({ connectionString: own.ownerUrl });
    await client.connect();
  });
  afterAll(() => client.end());

  const columns = "project, run, metric, split, level, writer, epoch, step, seq, ts";
  const metric = (name: string, sql: string): CustomMetric => ({ name, file: `dashboards/metrics/${name}.sql`, sql });
  const doubled = metric("doubled", `SELECT ${columns}, 2 * value AS value FROM metrics`);
  const apply = async (...metrics: CustomMetric[]) => (await applyCustomMetrics(client, metrics)).map(mistakeText);
  const views = () =>
    asUser(own.readerUrl, async (reader) => {
      const { rows } = await reader.query("SELECT DISTINCT table_name AS name FROM information_schema.views");
      return rows.map(({ name }) => name as string);
    });

  test("a mistake is told by file and line, and the others are there", async () => {
    const wrong = metric("wrong", `-- A comment.\nSELECT\n  ${columns},\n  valeu AS value\nFROM metrics`);
    expect(await apply(doubled, wrong)).toEqual(['dashboards/metrics/wrong.sql:4: column "valeu" does not exist']);
    expect(await views()).toEqual(expect.arrayContaining(["doubled", "custom_metrics"]));
    expect(await views()).not.toContain("wrong");
  });

  test.each([
    [
      "a column short",
      metric("short", "SELECT project, run, value FROM metrics"),
      /short.sql: column "metric" does not exist/,
    ],
    [
      "a value that is text",
      metric("text", `SELECT ${columns}, 'x' AS value FROM metrics`),
      /text.sql: UNION types double precision and text cannot be matched/,
    ],
    ["a name that is taken", metric("runs", doubled.sql), /runs.sql: There is a runs already that is no custom metric/],
    ["a name that is none", metric("Two words", doubled.sql), /Two words.sql: The file's name can be no view's/],
    ["two statements", metric("two", `${doubled.sql}; SELECT 1`), /two.sql: cannot insert multiple commands/],
    [
      "a table that it may not see",
      metric("peek", "SELECT * FROM nowhere"),
      /peek.sql:1: relation "nowhere" does not exist/,
    ],
  ])("%s is a mistake", async (_, wrong, message) => {
    const mistakes = await apply(doubled, wrong);
    expect(mistakes).toEqual([expect.stringMatching(message)]);
    expect(await views()).toContain("doubled");
    await asUser(own.writerUrl, (writer) => writer.query("SELECT FROM events LIMIT 1"));
  });

  test("one that was right stays as it was when its new text is wrong, and goes when its file goes", async () => {
    expect(await apply(doubled)).toEqual([]);
    expect(await apply({ ...doubled, sql: "SELECT 1" })).toHaveLength(1);
    expect(await views()).toContain("doubled");
    expect(await apply()).toEqual([]);
    expect(await views()).not.toContain("doubled");
    expect(await asUser(own.readerUrl, (reader) => reader.query("SELECT * FROM custom_metrics"))).toMatchObject({
      rowCount: 0,
    });
  });
});
