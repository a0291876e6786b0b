import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimate, type Points } from "../../../../dashboards/live/data/decimate.ts";

const series = (y: (number | null)[], x = y.map((_, i) => i)): Points => ({
  x,
  y,
  marks: y.flatMap((value, i): [number, string][] => (value === null ? [[i, "NaN"]] : [])),
});

describe("decimate", () => {
  test("leaves a short series as it is", () => {
    const short = series([1, 2, 3]);
    expect(decimate(short, 3)).toBe(short);
  });

  test("keeps the extremes, the ends and the sign of what was not finite, within the bound", () => {
    const value = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { freq: 9, nil: null });
    fc.assert(
      fc.property(fc.array(value, { minLength: 60, maxLength: 400 }), (y) => {
        const full = series(y);
        const thin = decimate(full, 50);
        // One point a bucket more where not everything is finite.
        expect(thin.x.length).toBeLessThanOrEqual(50 + 24);
        expect([thin.x[0], thin.x.at(-1)]).toEqual([0, y.length - 1]);
        const finite = (values: (number | null)[]) => values.filter((one) => one !== null);
        expect(Math.max(...finite(thin.y))).toBe(Math.max(...finite(y)));
        expect(Math.min(...finite(thin.y))).toBe(Math.min(...finite(y)));
        expect(thin.marks.length > 0).toBe(full.marks.length > 0);
        for (const [index] of thin.marks) expect(thin.y[index]).toBeNull();
        thin.x.forEach((x, i) => {
          expect(thin.y[i]).toBe(y[x]);
        });
      }),
    );
  });

  test("stays even along x however often it is done, and loses no spike", () => {
    let points = series([]);
    for (let step = 0; step < 20_000; step++) {
      points.x.push(step);
      points.y.push(step === 777 ? 100 : Math.sin(step / 50));
      if (points.x.length > 200) points = { ...decimate(points, 100) };
    }
    expect(points.y).toContain(100);
    const half = points.x.filter((x) => x < 10_000).length;
    expect(half / points.x.length).toBeGreaterThan(0.25);
  });

  test("goes by the writers' order where a resumed run stepped back", () => {
    const x = [...Array(100).keys(), ...Array(100).keys()];
    const thin = decimate(
      series(
        x.map((_, i) => i),
        x,
      ),
      40,
    );
    expect(thin.y.at(-1)).toBe(199);
    expect(thin.y).toEqual([...thin.y].sort((a, b) => a! - b!));
  });
});
