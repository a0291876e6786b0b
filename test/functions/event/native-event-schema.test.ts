import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { LIMITS } from "../../../functions/event/event.ts";
import { parseEvents } from "../../../functions/event/formats.ts";
import { IngestBody, NativeEvent } from "../../../functions/http/schemas.ts";
import { Refusal } from "../../../functions/refusals/refusal.ts";

/**
 * The schema documents what the hand-written reader takes; they are two pieces of code that must
 * say the same.
 */
const name = fc.constantFrom("r", "é😀", "x".repeat(LIMITS.name));
const wrong = fc.constantFrom<unknown>(null, 5, true, [], {}, 1.5, "x".repeat(LIMITS.name + 1));
const whole = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value) => ({ $num: String(value) })),
  fc.constant(null),
);
const notWhole = fc.constantFrom<unknown>("5", true, 0.5, [], {}, { $num: 5 }, { $num: "5", more: 1 });
const time = fc.constantFrom("2026-01-31T12:00:00.123456Z", "2026-01-31 12:00", "2026-01-31T12:00:00+02:00");
const notTime = fc.constantFrom<unknown>(5, true, [], {});
const logs = fc.oneof(
  fc.dictionary(fc.constantFrom("loss", "a b", "é"), fc.oneof(fc.double(), fc.constant({ $num: "NaN" }), fc.boolean())),
  fc.constant(null),
);
const notLogs = fc.constantFrom<unknown>("{}", 5, [], true);

const good = {
  project: fc.constantFrom("p", "Team-1.x"),
  run_id: name,
  event_id: name,
  writer: fc.oneof(name, fc.constant("")),
  seq: whole,
  kind: name,
  epoch: whole,
  step: whole,
  batch: whole,
  created_at: time,
  sent_at: fc.oneof(time, fc.constant(null)),
  logs,
};
const bad = {
  project: fc.constantFrom<unknown>(null, 5, []),
  run_id: fc.oneof(wrong, fc.constant("")),
  event_id: fc.oneof(wrong, fc.constant("")),
  writer: wrong,
  seq: notWhole,
  kind: fc.oneof(wrong, fc.constant("")),
  epoch: notWhole,
  step: notWhole,
  batch: notWhole,
  created_at: fc.oneof(notTime, fc.constant(null)),
  sent_at: notTime,
  logs: notLogs,
  loss: fc.double(),
  actor: fc.constant("root"),
};
const valid = fc.record(good, { requiredKeys: ["run_id", "kind"] });

describe("the schema of an event and its reader agree", () => {
  test.each<[boolean, object]>([
    [true, { values: { loss: 1 } }],
    [true, { split: "validation", values: {} }],
    [true, { logs: { loss: 1 } }],
    [true, {}],
    [false, { split: "holdout", values: { loss: 1 } }],
    [false, { split: "test" }],
    [false, { values: 5 }],
    [false, { values: [] }],
    [false, { values: { loss: 1 }, logs: { loss: 1 } }],
    [false, { kind: "k", values: { loss: 1 } }],
    [false, { kind: "k", split: "test" }],
  ])("%s on metrics %j", (isGood, more) => {
    const event = { run_id: "r", kind: "metrics", ...more };
    expect([schemaTakes(event), readerTakes(event)]).toEqual([isGood, isGood]);
  });

  test("on what is good", () => {
    fc.assert(
      fc.property(valid, (event) => {
        expect([schemaTakes(event), readerTakes(event)]).toEqual([true, true]);
      }),
      { numRuns: 500 },
    );
  });

  test("on what is bad, one thing at a time", () => {
    const broken = fc
      .constantFrom(...(Object.keys(bad) as (keyof typeof bad)[]))
      .chain((key) => fc.tuple(valid, bad[key]).map(([event, value]) => ({ ...event, [key]: value })));
    fc.assert(
      fc.property(broken, (event) => {
        expect([schemaTakes(event), readerTakes(event)]).toEqual([false, false]);
      }),
      { numRuns: 500 },
    );
  });

  test.each(["run_id", "kind"])("on %s being needed", (key) => {
    const event: Record<string, unknown> = { run_id: "r", kind: "k" };
    delete event[key];
    expect([schemaTakes(event), readerTakes(event)]).toEqual([false, false]);
  });

  test("on the three forms of a body", () => {
    const event = { run_id: "r", kind: "k" };
    for (const body of [event, [event], { events: [event] }, { events: [event], sent_at: "2026-01-31" }])
      expect([z.safeParse(IngestBody, body).success, takes(body)]).toEqual([true, true]);
    for (const body of [5, null, "x", { events: 5 }, { events: [5] }, [5], { events: [event], sent_at: 5 }])
      expect([z.safeParse(IngestBody, body).success, takes(body)]).toEqual([false, false]);
  });
});

function schemaTakes(event: unknown): boolean {
  return z.safeParse(NativeEvent, event).success;
}

function readerTakes(event: unknown): boolean {
  return takes([event]);
}

function takes(body: unknown): boolean {
  try {
    parseEvents(JSON.stringify(body), { project: "p", now: 0 });
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
