import fc from "fast-check";
import type { Event } from "../../../../functions/event/event.ts";
import { readLogs } from "../../../../functions/event/values.ts";
import { sampleEvent } from "../../event/sample-event.ts";

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
const forms = ["validation_f1", "train_f1", "test/f1", "eval/fid", "eval_top5", "train/fid", "train/", "trainloss"];
/** Of one metric, split and level there is one series: where two keys mean the same, points of one seq have no order. */
const plainKeys = [...keys, ...forms].filter((key) => !/^(train|val|validation|eval|test)[_/]./.test(key));
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
  ["on_epoch_end", fc.dictionary(fc.constantFrom(...keys, ...forms), anything)],
  ["on_train_batch_end", fc.dictionary(fc.constantFrom(...plainKeys), anything)],
  ["on_test_batch_end", fc.dictionary(fc.constantFrom(...plainKeys), anything)],
  ["define", fc.record({ metric: fc.constantFrom("fid", "acc", 1), best: fc.constantFrom("min", "max", "other") })],
  ["on_train_begin", fc.constant(null)],
  ["on_train_end", fc.constantFrom(null, {}, { status: "failed" }, { status: "stopped" }, { status: 5 })],
  ["params", tags],
  ["tags", tags],
  ["heartbeat", fc.constantFrom<Record<string, unknown>>({ interval_s: 1e6 }, { interval_s: "x" }, {})],
  ["stop_requested", fc.constantFrom({ reason: "diverged" }, { reason: "it's" })],
  [
    "adjust_requested",
    fc.record({
      name: fc.constantFrom("learning_rate", "é"),
      value: fc.constantFrom(0, 0.1, 1e-7, -3, 1e300),
      reason: fc.constantFrom("flat", "it's"),
    }),
  ],
  ["adjust_applied", fc.constantFrom(null, { name: "learning_rate", applied: 0.1 })],
  ["end_marked", fc.constantFrom(null, {}, { status: "failed" }, { status: "finished" })],
  ["on_epoch_begin", fc.constantFrom(null, { loss: 1 })],
];

/** Runs that events of this project belong to, and one more that has none. */
export const runsOf = (project: string): string[] => ["a", "b", "c", "none"].map((run) => `${project}-${run}`);

const event = (project: string): fc.Arbitrary<Event> =>
  fc.oneof(
    ...kinds.map(([kind, logs]) =>
      fc
        .record({
          logs,
          run: fc.constantFrom(...runsOf(project).slice(0, 3)),
          id: fc.uuid(),
          writer: fc.constantFrom("", "rank-1"),
          seq: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(9007199254740993n, 9223372036854775807n)),
          actor: fc.constantFrom(null, null, null, "ada"),
          epoch: whole,
          step: whole,
          batch: whole,
          createdAt: fc.integer({ min: -1e15, max: 4e15 }),
        })
        .map(({ logs, ...fields }) =>
          sampleEvent({ project, kind, ...fields, logs: readLogs(structuredClone(logs), "logs", true) }),
        ),
    ),
  );

/** What a few requests might bring: every kind of event, hard values, ties and any order. */
export const randomRequests = (project: string): fc.Arbitrary<Event[][]> =>
  fc.array(fc.array(event(project), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 });
