import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../functions/event/event.ts";
import { parseExact, parseJson, Rounded, readExactly } from "../../../functions/event/exact-json.ts";
import { refusalOf } from "../http/refusals.ts";

/** As the exact path gives it: the quick one is told that it rounded. */
function exactly(text: string): unknown {
  return readExactly(text, (value, isExact) => {
    if (!isExact) throw new Rounded();
    return value;
  });
}

describe("JSON as it was written", () => {
  test.each([
    ["NaN", { $num: "NaN" }],
    ["[Infinity,-Infinity]", [{ $num: "Infinity" }, { $num: "-Infinity" }]],
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", { $num: "9007199254740992" }],
    ["-9007199254740993", { $num: "-9007199254740993" }],
    ["9223372036854775807", { $num: "9223372036854775807" }],
    ["1e300", 1e300],
    ["9007199254740993.5", 9007199254740994],
    ['"NaN 9007199254740993"', "NaN 9007199254740993"],
    ['"\\"NaN"', '"NaN'],
    ['{"\\\\":NaN,"Infinity":-Infinity}', { "\\": { $num: "NaN" }, Infinity: { $num: "-Infinity" } }],
    ['["a\\\\",NaN]', ["a\\", { $num: "NaN" }]],
  ])("%s", (text, value) => {
    expect(exactly(text)).toEqual(value);
  });

  test.each(["-NaN", "nan", "+Infinity", "[NaN", "{NaN:1}", "1 2", "", "NaNNaN", '"', '{"a":01}', '"\u0000"', "\\"])(
    "%j is not JSON",
    (text) => {
      const refusal = refusalOf(() => parseJson(text));
      expect(refusal.status).toBe(400);
      expect(refusal.message).toMatch(/^The body is not JSON: /);
      expect(refusal.details.fix).toContain("Send JSON");
    },
  );

  test("a number with leading zeros is not JSON, however long", () => {
    for (const text of ["01", "-01", "00009007199254740993", "-09007199254740993"])
      expect(refusalOf(() => parseJson(text)).status).toBe(400);
  });

  test("both ways give the same for what a double holds", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(!hasUnsafeInteger(value));
        const text = JSON.stringify(value);
        expect(exactly(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("every integer keeps its digits", () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 70n), 2n ** 70n), (whole) => {
        const read = exactly(`[${whole}]`) as [number | { $num: string }];
        expect(BigInt(typeof read[0] === "number" ? read[0] : read[0].$num)).toBe(whole);
      }),
    );
  });

  test.each([
    ["escapes in one text", `"${"\\n".repeat(4_000_000)}"`, 4_000_000],
    ["one long text", `"${"x".repeat(30_000_000)}"`, 30_000_000],
    ["quotes in one text", `"${'\\"'.repeat(4_000_000)}"`, 4_000_000],
  ])("megabytes of %s are read", (_, text, length) => {
    const [first, second] = exactly(`[NaN,${text}]`) as [unknown, string];
    expect(first).toEqual({ $num: "NaN" });
    expect(second.length).toBe(length);
  });

  test("megabytes of digits are read", () => {
    const digits = "7".repeat(8_000_000);
    expect(exactly(`[${digits}]`)).toEqual([{ $num: digits }]);
    expect(exactly(`[0.${digits}]`)).toEqual([Number(`0.${digits}`)]);
  });

  test.each([
    ["1.5e18", true],
    ['{"a":-1e300,"b":"x1234567890123456"}', true],
    ["9007199254740992", false],
    ['{"a": -9007199254740993 }', false],
    ["[1,1234567890123456789]", false],
  ])("only a long integer has a text read again: %s", (text, isOnce) => {
    const given: unknown[] = [];
    readExactly(text, (value, isExact) => {
      given.push(value);
      if (!isExact) throw new Rounded();
    });
    expect(given).toHaveLength(2);
    expect(Object.is(given[0], given[1])).toBe(isOnce);
  });

  test("more bare NaNs than the limit of values are not written out", () => {
    expect(refusalOf(() => parseExact("NaN ".repeat(LIMITS.values + 1))).status).toBe(413);
  });

  test("an error of the caller's own comes through", () => {
    const own = new TypeError("mine");
    expect(() =>
      readExactly("1", () => {
        throw own;
      }),
    ).toThrow(own);
  });
});

function hasUnsafeInteger(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnsafeInteger);
}
