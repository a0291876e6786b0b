import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CustomMetric, mistakeText } from "../../../functions/stores/custom-metrics.ts";
import { NO_PYTHON } from "../../stand-ins/python-server.ts";
import { sampleEvent } from "../event/sample-event.ts";
import { metricSubjects, type OpenedMetrics } from "./metric-subjects.ts";

const SECOND = 1_000_000;
const START = 1_769_860_800 * SECOND;

/** Three epochs of 10, 20 and 30 seconds. */
const epochs = [
  { accuracy: 0.5, val_accuracy: 0.4, loss: 1, val_loss: 1.5 },
  { accuracy: 0.7, val_accuracy: 0.8, loss: 0.5, val_loss: 2 },
  { accuracy: 0.6, val_accuracy: 0.6, loss: { $num: "NaN" }, val_loss: 1 },
];
const ends = [10, 30, 60].map((second) => START + second * SECOND);
const training = [
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
];

/** Sent at once, without seq and created_at of their own. */
const together = [
  { mae: 3, val_mae: 4 },
  { mae: 2, val_mae: 5 },
].map((logs, epoch) =>
  sampleEvent({ run: "together", kind: "on_epoch_end", epoch, createdAt: START, seq: 1, logs: JSON.stringify(logs) }),
);

/** What sums, quotients and clocks do not hold. */
const hostile = [
  { wild: 1, val_wild: 2, accuracy: 0 },
  { wild: 1e308, val_wild: -1e308, accuracy: 5e-324 },
  { wild: 1e200, val_wild: 1, accuracy: 0.5 },
  { wild: 5e-324, val_wild: 5e-324, accuracy: 1e300 },
].map((logs, epoch) =>
  sampleEvent({
    ...{ project: "hostile", kind: "on_epoch_end", epoch, logs: JSON.stringify(logs) },
    // The second comes before the first.
    createdAt: START + [10, 5, 20, 30][epoch]! * SECOND,
  }),
);

test("each that ships is tested here, and in no dialect is one missing", () => {
  for (const { standard } of metricSubjects)
    expect(standard().map(({ name }) => name)).toEqual([
      "best_so_far",
      "cost_per_accuracy_point",
      "generalisation_gap",
      "moving_average",
      "time_per_epoch",
    ]);
});

describe.each(metricSubjects)("custom metrics on $dialect", ({ dialect, isHere, open, says }) => {
  describe.skipIf(!isHere)(isHere ? "those that ship" : `those that ship ${NO_PYTHON}`, () => {
    const opened = database(async () => {
      const made = await open();
      // The views that are asked are older.
      await made.store.append(training);
      await made.store.append(together);
      for (const event of hostile) await made.store.append([event]);
      return made;
    });

    const valuesOf = async (view: string, metric: string, split: string, project = "default") => {
      const { rows } = await opened().store.sql(
        `SELECT epoch, value FROM ${view}
         WHERE project = '${project}' AND metric = '${metric}' AND split = '${split}' ORDER BY seq, epoch`,
      );
      const numberOf = (cell: unknown) => (typeof cell === "number" ? Number(cell.toFixed(6)) : cell);
      return rows.map(([epoch, value]) => [epoch, (value as { $num?: string } | null)?.$num ?? numberOf(value)]);
    };

    test.each([
      [
        "generalisation_gap",
        "generalisation_gap.loss",
        "validation",
        [
          [0, 0.5],
          [1, 1.5],
          [2, "NaN"],
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
      [
        "generalisation_gap",
        "generalisation_gap.mae",
        "validation",
        [
          [0, 1],
          [1, 3],
        ],
      ],
      [
        "best_so_far",
        "best_so_far.mae",
        "train",
        [
          [0, 3],
          [1, 2],
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
          [0, 0],
          [1, 0],
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

    test("values near the ends of a double, and clocks that go back, spoil no other", async () => {
      const hostileOf = (metric: string, split: string) => valuesOf("custom_metrics", metric, split, "hostile");
      const whole = (rows: unknown[][]) => rows.map(([epoch, value]) => [epoch, value === null ? null : "number"]);
      expect(whole(await hostileOf("moving_average.wild", "train"))).toEqual([
        ...[
          [0, "number"],
          [1, null],
          [2, null],
          [3, null],
        ],
      ]);
      expect(whole(await hostileOf("generalisation_gap.wild", "validation"))).toEqual([
        ...[
          [0, "number"],
          [1, null],
          [2, "number"],
          [3, "number"],
        ],
      ]);
      expect(whole(await hostileOf("cost_per_accuracy_point", "train"))).toEqual([
        [0, null],
        [2, "number"],
      ]);
      expect(await hostileOf("time_per_epoch", "train")).toEqual([
        [0, 0],
        [2, 15],
        [3, 10],
      ]);
      const { rows } = await opened().store.sql(
        "SELECT MAX(value) FROM custom_metrics WHERE metric = 'time_per_epoch'",
      );
      expect(rows).toEqual([[30]]);
    });
  });

  describe.skipIf(!isHere)(isHere ? "one's own" : `one's own ${NO_PYTHON}`, () => {
    const opened = database(open);

    const columns = "project, run, metric, split, level, writer, epoch, step, seq, ts";
    const metric = (name: string, sql: string): CustomMetric => ({ name, file: `dashboards/metrics/${name}.sql`, sql });
    const doubled = metric("doubled", `SELECT ${columns}, 2 * value AS value FROM metrics`);
    const apply = async (...metrics: CustomMetric[]) => (await opened().migrate(metrics)).map(mistakeText);
    const isThere = (view: string) =>
      opened()
        .store.sql(`SELECT value FROM ${view}`)
        .then(
          () => true,
          () => false,
        );

    test("a mistake is told by file and line, and the others are there", async () => {
      const wrong = metric("wrong", `-- A comment.\nSELECT\n  ${columns},\n  valeu AS value\nFROM metrics`);
      const mistakes = await apply(doubled, wrong);
      expect(mistakes).toEqual([expect.stringMatching(/^dashboards\/metrics\/wrong.sql:4: /)]);
      expect(mistakes[0]).toMatch(says.noColumn("valeu"));
      expect(await isThere("doubled")).toBe(true);
      expect(await isThere("custom_metrics")).toBe(true);
      expect(await isThere("wrong")).toBe(false);
    });

    test.each([
      [
        "a column short",
        metric("short", "SELECT project, run, value FROM metrics"),
        /short.sql: /,
        says.noColumn("metric"),
      ],
      [
        "a value that is text",
        metric("text", `SELECT ${columns}, 'x' AS value FROM metrics`),
        /text.sql: /,
        says.isText,
      ],
      ["a name that is taken", metric("runs", doubled.sql), /runs.sql: /, /There is a runs already that is no custom/],
      [
        "the name of all",
        metric("custom_metrics", doubled.sql),
        /custom_metrics.sql: /,
        /There is a custom_metrics already/,
      ],
      ["a reserved word", metric("order", doubled.sql), /order.sql: /, /The file's name is a reserved word of SQL/],
      ["a name that is none", metric("Two words", doubled.sql), /Two words.sql: /, /The file's name can be no view's/],
      ["two statements", metric("two", `${doubled.sql}; SELECT 1`), /two.sql:/, says.isMore],
      [
        "a table that is not there",
        metric("peek", "SELECT *\nFROM nowhere"),
        /peek.sql(:2)?: /,
        says.noTable("nowhere"),
      ],
    ])("%s is a mistake", async (_, wrong, line, message) => {
      const mistakes = await apply(doubled, wrong);
      expect(mistakes).toEqual([expect.stringMatching(line)]);
      expect(mistakes[0]).toMatch(message);
      expect(await isThere("doubled")).toBe(true);
      expect(await isThere("custom_metrics")).toBe(true);
      await opened().store.append([sampleEvent()]);
    });

    test.skipIf(dialect !== "postgres")(
      "one that divides by zero, takes a logarithm of nothing or overflows has no value there, and spoils no other",
      async () => {
        const quotients = ["value / (value - value)", "epoch / (epoch - epoch)", "1.5 / (step - step)", "epoch % 0"];
        const others = ["LN(value - value)", "LOG(-ABS(value))", "SQRT(-1 - ABS(value))", "ACOS(2 + ABS(value))"];
        const exact = "CAST(value AS numeric)";
        const tried = [
          ...["EXP(1000 + ABS(value))", "EXP(-1000 - ABS(value))", `EXP(10000 * ${exact})`],
          ...["POWER(1e300, 2 + ABS(value))", "POW(1e-300, 2 + ABS(value))", `POWER(0, -1 - ${exact})`],
          ...["CAST(1e300 AS double precision) ^ (2 + ABS(value))", `(${exact} - ${exact}) ^ -1`],
          ...[
            "MOD(epoch, epoch - epoch)",
            `MOD(${exact}, 0)`,
            `DIV(${exact}, 0)`,
            `LOG(${exact}, 0)`,
            `LOG(1.0, ${exact})`,
          ],
        ];
        const broken = [...quotients, ...others, ...tried].map((sql, at) => {
          const index = String(at).padStart(2, "0");
          return metric(
            `broken_${index}`,
            `SELECT project, run, CONCAT('broken_${index}.', metric) AS metric, split, level, writer, epoch, step, seq, ts,
               CAST(${sql} AS DOUBLE PRECISION) AS value FROM metrics`,
          );
        });
        const half = metric(
          "half",
          `SELECT ${columns}, MOD(3, 2) * POWER(value + 0.0, 2) / 2 ^ 4.0 AS value FROM metrics`,
        );
        await opened().store.append([
          sampleEvent({ project: "broken", kind: "on_epoch_end", epoch: 3, step: 4, logs: '{"half":8}' }),
        ]);
        expect(await apply(half, ...broken)).toEqual([]);
        const rowsOf = async (sql: string) => (await opened().store.sql(sql)).rows;
        expect(
          await rowsOf("SELECT MAX(value) FROM custom_metrics WHERE project = 'broken' AND metric = 'half'"),
        ).toEqual([[4]]);
        expect(
          await rowsOf(
            "SELECT metric, value FROM custom_metrics WHERE project = 'broken' AND value IS NULL ORDER BY metric",
          ),
        ).toEqual(broken.map(({ name }) => [`${name}.half`, null]));
        expect(
          await opened().store.sqlWithin?.(["broken"], "SELECT value FROM custom_metrics WHERE metric <> 'half'"),
        ).toMatchObject({ rows: broken.map(() => [null]) });
      },
    );

    test("one that was right stays as it was when its new text is wrong, and goes when its file goes", async () => {
      expect(await apply(doubled)).toEqual([]);
      expect(await apply({ ...doubled, sql: "SELECT 1 AS nothing" })).toHaveLength(1);
      expect(await isThere("doubled")).toBe(true);
      expect(await apply()).toEqual([]);
      expect(await isThere("doubled")).toBe(false);
      expect((await opened().store.sql("SELECT value FROM custom_metrics")).rows).toEqual([]);
    });

    test.each(["above", "fourfold"])(
      "one may be made of another, and is a mistake when that is gone: %s",
      async (name) => {
        const another = metric(name, `SELECT ${columns}, 2 * value AS value FROM doubled`);
        const both = [doubled, another].toSorted((a, b) => (a.name < b.name ? -1 : 1));
        for (let time = 0; time < 2; time++) {
          expect(await apply(...both)).toEqual([]);
          expect(await isThere(name)).toBe(true);
        }
        expect(await apply(another, { ...doubled, sql: "SELECT 1 AS nothing" })).toHaveLength(1);
        expect([await isThere("doubled"), await isThere(name)]).toEqual([true, true]);
        expect((await apply(another))[0]).toMatch(says.noTable("doubled"));
        expect(await isThere("custom_metrics")).toBe(true);
      },
    );
  });
});

/** One database for the tests of a block. */
function database(open: () => Promise<OpenedMetrics>): () => OpenedMetrics {
  let opened: OpenedMetrics;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.close());
  return () => opened;
}
