import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_VIEW, formatView, parseView, type View } from "../../dashboards/live/view.ts";

describe("a view in the address", () => {
  it("is empty for the default", () => {
    expect(formatView(DEFAULT_VIEW)).toBe("");
    expect(parseView("")).toEqual(DEFAULT_VIEW);
  });

  it("comes back as it went", () => {
    const text = fc.string({ minLength: 1 });
    const some = fc.array(text, { minLength: 1, maxLength: 4 });
    const view: fc.Arbitrary<View> = fc.record({
      tab: fc.constantFrom("charts", "table", "sql"),
      project: fc.option(text),
      runs: fc.option(some),
      focus: fc.option(text),
      x: fc.constantFrom("epoch", "step", "time", "clock", null),
      log: fc.oneof(fc.constant<string[]>([]), some),
      smoothing: fc.integer({ min: 0, max: 99 }).map((value) => value / 100),
      clip: fc.boolean(),
      splits: fc.constantFrom("all", "train", "validation"),
      groupBy: fc.option(text),
      band: fc.constantFrom("std", "range"),
      text,
      state: fc.constantFrom("running", "lost", null),
      archived: fc.boolean(),
      sort: text,
      metrics: text,
      sql: fc.option(text),
    });
    fc.assert(
      fc.property(view, (one) => {
        expect(parseView(`#${formatView(one)}`)).toEqual(one);
      }),
    );
  });

  it("leaves out what it does not understand", () => {
    expect(parseView("#tab=nonsense&x=parsec&smoothing=7&state=happy&unknown=1&band=")).toEqual({
      ...DEFAULT_VIEW,
      smoothing: 0.99,
    });
  });
});
