import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../functions/event/event.ts";
import { readInt, readLogs, readName, readProject, readTime } from "../../../functions/event/values.ts";
import { refusalOf } from "../http/refusals.ts";

const micros = (text: string) => readTime(text, "created_at");
const logs = (value: unknown) => readLogs(value, "logs", true);

describe("times", () => {
  test.each([
    ["2026-01-31T12:00:00Z", Date.UTC(2026, 0, 31, 12) * 1000],
    ["2026-01-31T12:00:00", Date.UTC(2026, 0, 31, 12) * 1000],
    ["2026-01-31 12:00:00", Date.UTC(2026, 0, 31, 12) * 1000],
    ["2026-01-31", Date.UTC(2026, 0, 31) * 1000],
    ["2026-01-31T12:34", Date.UTC(2026, 0, 31, 12, 34) * 1000],
    ["2026-01-31T12:00:00.123456Z", Date.UTC(2026, 0, 31, 12) * 1000 + 123_456],
    ["2026-01-31T12:00:00.5Z", Date.UTC(2026, 0, 31, 12) * 1000 + 500_000],
    ["2026-01-31T12:00:00,000001Z", Date.UTC(2026, 0, 31, 12) * 1000 + 1],
    ["2026-01-31T12:00:00.123456789Z", Date.UTC(2026, 0, 31, 12) * 1000 + 123_456],
    ["2026-01-31T12:00:00+02:00", Date.UTC(2026, 0, 31, 10) * 1000],
    ["2026-01-31T12:00:00-0530", Date.UTC(2026, 0, 31, 17, 30) * 1000],
    ["2026-01-31T12:00:00+02", Date.UTC(2026, 0, 31, 10) * 1000],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29) * 1000],
    ["1970-01-01T00:00:00Z", 0],
    ["1969-12-31T23:59:59.999999Z", -1],
  ])("%s", (text, expected) => {
    expect(micros(text)).toBe(expected);
  });

  test.each([
    "2026-02-31T00:00:00Z",
    "2025-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:60:00Z",
    "2026-01-31T12:00:60Z",
    "2026-01-31T12:00:00+24:00",
    "2026-01-31T12:00:00+02:60",
    "1899-12-31",
    "9999-01-01",
    "yesterday",
    "",
    "1767182400",
    1767182400,
    null,
    {},
  ])("%j is no time", (value) => {
    const refusal = refusalOf(() => readTime(value, "events[0].created_at"));
    expect(refusal).toMatchObject({ status: 400, details: { field: "events[0].created_at" } });
  });

  test("what was read before changes nothing", () => {
    const instant = fc.date({ min: new Date("1960-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
    const near = fc.tuple(instant, fc.integer({ min: 0, max: 59_999 }), fc.integer({ min: 0, max: 999 }));
    fc.assert(
      fc.property(fc.array(near, { minLength: 2, maxLength: 5 }), (times) => {
        const [start] = times[0] as [Date, number, number];
        for (const [, offset, rest] of times) {
          const ms = start.getTime() - (start.getTime() % 60_000) + offset;
          const text = new Date(ms).toISOString().replace("Z", `${String(rest).padStart(3, "0")}Z`);
          expect(micros(text)).toBe(ms * 1000 + rest);
        }
      }),
    );
  });
});

describe("whole numbers", () => {
  test.each([
    [0, 0],
    [-0, 0],
    [1.0, 1],
    [-5, -5],
    [{ $num: "5" }, 5],
    [{ $num: "-0" }, 0],
    [{ $num: "9007199254740993" }, 9007199254740993n],
    [{ $num: "9223372036854775807" }, 9223372036854775807n],
    [{ $num: "-9223372036854775808" }, -9223372036854775808n],
    [null, null],
    [undefined, null],
  ])("%j", (value, expected) => {
    expect(readInt(value, "epoch", true)).toBe(expected);
  });

  test.each([
    0.5,
    Number.NaN,
    1e300,
    2 ** 53,
    "5",
    true,
    [],
    {},
    { $num: "9223372036854775808" },
    { $num: "-9223372036854775809" },
    { $num: "NaN" },
    { $num: "1.5" },
    { $num: "" },
    { $num: 5 },
    { $num: "5", more: 1 },
  ])("%j is none", (value) => {
    expect(refusalOf(() => readInt(value, "seq", true))).toMatchObject({ status: 400, details: { field: "seq" } });
  });
});

describe("names", () => {
  test.each(["r", "a b", "é", "😀", "x".repeat(LIMITS.name), "../../etc", "'; DROP TABLE events; --", "__proto__"])(
    "%s is one",
    (name) => {
      expect(readName(name, "run_id")).toBe(name);
    },
  );

  test.each([
    "",
    "x".repeat(LIMITS.name + 1),
    "a\u0000",
    "a\nb",
    "\u007f",
    "\ud800",
    "a\udc00b",
    5,
    null,
    undefined,
    {},
  ])("%j is none", (name) => {
    expect(refusalOf(() => readName(name, "run_id"))).toMatchObject({ status: 400, details: { field: "run_id" } });
  });

  test.each(["default", "a", "Team-1.x_y", "x".repeat(100)])("%s is a project", (name) => {
    expect(readProject(name, "project")).toBe(name);
  });

  test.each(["", ".a", "-a", "a/b", "a b", "ü", "x".repeat(101), "a\n", 5, null])("%j is no project", (name) => {
    expect(refusalOf(() => readProject(name, "project")).status).toBe(400);
  });
});

describe("logs", () => {
  test.each([
    [{ loss: 0.5 }, '{"loss":0.5}'],
    [{ a: { $num: "5" } }, '{"a":5}'],
    [{ a: { $num: "007" } }, '{"a":7}'],
    [{ a: { $num: "-0" } }, '{"a":{"$num":"-0"}}'],
    [{ a: -0 }, '{"a":{"$num":"-0"}}'],
    [{ a: [-0, [-0]] }, '{"a":[{"$num":"-0"},[{"$num":"-0"}]]}'],
    [{ a: { $num: "NaN" } }, '{"a":{"$num":"NaN"}}'],
    [{ a: { $num: "-9007199254740993" } }, '{"a":{"$num":"-9007199254740993"}}'],
    [{ a: { $num: "9007199254740991" } }, '{"a":9007199254740991}'],
    [{ a: 'it\'s "quoted"; --' }, '{"a":"it\'s \\"quoted\\"; --"}'],
    [{}, "{}"],
    [null, null],
    [undefined, null],
  ])("%j", (value, text) => {
    expect(logs(structuredClone(value))).toBe(text);
  });

  test.each([
    [{ a: { $num: "junk" } }, "logs.a"],
    [{ a: { $num: "1.5" } }, "logs.a"],
    [{ a: { $num: 5 } }, "logs.a"],
    [{ a: { $num: "5", b: 1 } }, "logs.a"],
    [{ a: { $num: "9".repeat(400) } }, "logs.a"],
    [{ a: { $num: "+5" } }, "logs.a"],
    [{ a: { $num: "" } }, "logs.a"],
    [{ a: [1, { b: "x\u0000" }] }, "logs.a[1].b"],
    [{ a: "\ud800" }, "logs.a"],
    [{ "k\udc00": 1 }, "logs.k\ufffd"],
    [{ "k\u0000": 1 }, "logs.k\\u0000"],
    [{ a: Number.POSITIVE_INFINITY }, "logs.a"],
    [[1], "logs"],
    ["text", "logs"],
    [5, "logs"],
    [true, "logs"],
    [{ $num: "NaN" }, "logs"],
    [{ $num: "9007199254740993" }, "logs"],
  ])("%j is refused at %s", (value, field) => {
    expect(refusalOf(() => logs(structuredClone(value)))).toMatchObject({ status: 400, details: { field } });
  });

  test(`${LIMITS.keys} keys are taken, one more is not`, () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, key) => [`m${key}`, key]));
    expect(logs(many(LIMITS.keys))).toContain(`"m${LIMITS.keys - 1}"`);
    expect(refusalOf(() => logs(many(LIMITS.keys + 1)))).toMatchObject({
      code: "logs-too-large",
      message: "logs has 5001 keys.",
      details: { field: "logs", fix: expect.stringContaining("at most 5000") },
    });
  });

  test(`nested ${LIMITS.depth} levels is taken, one more is not`, () => {
    expect(logs(JSON.parse(nested(LIMITS.depth)))).toBe(nested(LIMITS.depth));
    const refusal = refusalOf(() => logs(JSON.parse(nested(LIMITS.depth + 1))));
    expect(refusal.message).toContain("nested too deep");
    expect(refusalOf(() => logs(JSON.parse(nested(1_000_000)))).message).toContain("nested too deep");
  });

  test("too many bytes are refused, however they are spelt", () => {
    expect(logs({ a: "x".repeat(LIMITS.logsBytes - 8) })).not.toBeNull();
    for (const text of ["x".repeat(LIMITS.logsBytes), "€".repeat(LIMITS.logsBytes / 3)])
      expect(refusalOf(() => logs({ a: text })).status).toBe(413);
  });

  test("a key named __proto__ is a key like any other", () => {
    const text = '{"__proto__":{"a":-0},"constructor":{"$num":"NaN"}}';
    expect(logs(JSON.parse(text))).toBe('{"__proto__":{"a":{"$num":"-0"}},"constructor":{"$num":"NaN"}}');
  });

  test("what was settled once stays as it is", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue({ maxDepth: 4 })), (value) => {
        fc.pre(!/\\u0000|"\$num"/.test(JSON.stringify(value)));
        const once = logs(structuredClone(value)) as string;
        expect(logs(JSON.parse(once))).toBe(once);
      }),
    );
  });
});

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
}
