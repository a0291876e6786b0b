import { expect, test } from "vitest";
import { holds, paramFilter } from "../../../../dashboards/live/runs/param-filter.ts";

const params = {
  lr: 0.01,
  "a = b": "x",
  name: "adam",
  deep: { layers: 3 },
  big: { $num: "9007199254740993" },
  on: true,
  note: "a = b",
  rule: "x != y > z",
};

test.each([
  ["lr = 0.010", true],
  ["lr != 0.01", false],
  ["lr < 0.1", true],
  ["lr > 0.1", false],
  ["lr < ", false],
  ["name = adam", true],
  ["name != sgd", true],
  ["name < b", false],
  ["a = b = x", true],
  ["note = a = b", true],
  ["note != a = b", false],
  ["rule = x != y > z", true],
  ["gone != a = b", true],
  ['deep = {"layers":3}', true],
  ["on = true", true],
  ["big > 9000", true],
  ["missing = ", false],
  ["missing != 1", true],
  ["constructor = x", false],
])("%s: %s", (filter, expected) => {
  expect(holds(filter, params)).toBe(expected);
});

test("what is no condition holds, and one that was made is read as it was meant", () => {
  expect(holds("nonsense", params)).toBe(true);
  expect(holds(paramFilter("a = b", "!=", "y"), params)).toBe(true);
});
