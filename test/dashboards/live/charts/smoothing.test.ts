import { describe, expect, test } from "vitest";
import { smooth } from "../../../../dashboards/live/charts/smoothing.ts";

describe("smooth", () => {
  test("gives the values back without weight", () => {
    expect(smooth([1, null, 3], 0)).toEqual([1, null, 3]);
  });

  test("starts at the first value, not at zero", () => {
    expect(smooth([10, 10, 10], 0.9)).toEqual([10, 10, 10].map((value) => expect.closeTo(value, 10)));
  });

  test("leaves a constant exactly what it is", () => {
    expect(new Set(smooth(Array(300).fill(1e-4), 0.9))).toEqual(new Set([1e-4]));
  });

  test("is the debiased moving average", () => {
    // By hand for w = 0.5: 4; (0.5·2 + 0.5·8)/0.75; (0.5·5 + 0.5·1)/0.875.
    expect(smooth([4, 8, 1], 0.5)).toEqual([expect.closeTo(4), expect.closeTo(5 / 0.75), expect.closeTo(3 / 0.875)]);
  });

  test("leaves a gap a gap, and goes on after it as if it had not been", () => {
    const [a, gap, b] = smooth([4, null, 8], 0.5);
    expect([a, b]).toEqual(smooth([4, 8], 0.5));
    expect(gap).toBeNull();
    expect(smooth([null, null], 0.9)).toEqual([null, null]);
  });
});
