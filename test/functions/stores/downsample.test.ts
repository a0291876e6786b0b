import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { downsample, type RawSeries } from "../../../functions/stores/downsample.ts";

const value = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);
/** x is the place in the log, so that a point can be found again; seq is shuffled. */
const series = (of: fc.Arbitrary<number>) =>
  fc.array(fc.tuple(of, fc.integer({ min: 0, max: 1e9 })), { maxLength: 600 }).map(
    (points): Required<RawSeries> => ({
      x: Float64Array.from(points, (_, index) => index),
      y: Float64Array.from(points, ([y]) => y),
      seq: Float64Array.from(points, ([, seq]) => seq),
    }),
  );
const points = fc.integer({ min: 10, max: 200 });
const raw = (y: number[], x = y.map((_, index) => index), seq = x): RawSeries => ({
  x: Float64Array.from(x),
  y: Float64Array.from(y),
  seq: Float64Array.from(seq),
});

describe("downsample", () => {
  test("never more than asked for, always first, last, lowest and highest", () => {
    fc.assert(
      fc.property(series(value), points, (data, atMost) => {
        const thinned = downsample(data, atMost);
        expect(thinned.total).toBe(data.x.length);
        expect(thinned.x.length).toBe(Math.min(thinned.y.length, data.x.length));
        expect(thinned.x.length).toBeLessThanOrEqual(atMost);
        const ordered = [...data.x].sort((a, b) => (data.seq[a] as number) - (data.seq[b] as number) || a - b);
        expect([thinned.x[0], thinned.x.at(-1)]).toEqual([ordered[0], ordered.at(-1)]);
        const finite = [...data.y].filter(Number.isFinite);
        const kept = thinned.y.filter((y) => y !== null);
        expect(Math.min(...kept)).toBe(Math.min(...finite));
        expect(Math.max(...kept)).toBe(Math.max(...finite));
      }),
      { numRuns: 300 },
    );
  });

  test("each point is one of the series, once, in the writers' order, with its own value", () => {
    fc.assert(
      fc.property(series(value), points, (data, atMost) => {
        const thinned = downsample(data, atMost);
        expect(new Set(thinned.x).size).toBe(thinned.x.length);
        const seqs = thinned.x.map((x) => data.seq[x] as number);
        expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
        const marks = new Map(thinned.marks);
        thinned.x.forEach((x, index) => {
          const y = data.y[x] as number;
          expect(thinned.y[index]).toBe(Number.isFinite(y) ? y : null);
          expect(marks.get(index)).toBe(Number.isFinite(y) ? undefined : String(y));
        });
      }),
      { numRuns: 300 },
    );
  });

  test("the extremes of every bucket stay: a spike anywhere is seen", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999 }),
        fc.constantFrom(5, -5, Number.NaN, 1 / 0),
        points,
        (at, spike, atMost) => {
          const y = Array.from({ length: 1000 }, (_, index) => Math.sin(index));
          y[at] = spike;
          expect(downsample(raw(y), atMost).x).toContain(at);
        },
      ),
    );
  });

  test("few enough points stay as they are, in order", () => {
    expect(downsample(raw([3, 1, 2], [5, 6, 7], [30, 10, 20]), 10)).toEqual({
      total: 3,
      x: [6, 7, 5],
      y: [1, 2, 3],
      marks: [],
    });
    expect(downsample(raw([]), 10)).toEqual({ total: 0, x: [], y: [], marks: [] });
  });

  test("points without x are left out", () => {
    expect(downsample(raw([1, 2, 3], [0, Number.NaN, 2], [0, 1, 2]), 10)).toMatchObject({
      total: 2,
      x: [0, 2],
      y: [1, 3],
    });
    expect(downsample(raw([1], [Number.NaN], [0]), 10)).toMatchObject({ total: 0, x: [] });
  });

  test("a series of nothing finite", () => {
    const thinned = downsample(raw(Array(1000).fill(Number.NaN)), 10);
    expect(thinned.x.length).toBeLessThanOrEqual(10);
    expect(thinned.marks.length).toBe(thinned.x.length);
  });

  test("uses most of what it may", () => {
    const thinned = downsample(raw(Array.from({ length: 10_000 }, (_, index) => Math.sin(index / 9))), 500);
    expect(thinned.x.length).toBeGreaterThan(400);
  });
});
