import { describe, expect, test } from "vitest";
import { bandOf, groupsBy } from "../../../../dashboards/live/charts/grouping.ts";

describe("bandOf", () => {
  test("is the mean and the sample standard deviation of the runs at each x", () => {
    const band = bandOf(
      [
        { x: [0, 1], y: [1, 2] },
        { x: [0, 1], y: [3, 6] },
      ],
      "std",
    );
    expect(band.x).toEqual([0, 1]);
    expect(band.mean).toEqual([2, 4]);
    expect(band.low).toEqual([expect.closeTo(2 - Math.SQRT2), expect.closeTo(4 - 2 * Math.SQRT2)]);
    expect(band.high).toEqual([expect.closeTo(2 + Math.SQRT2), expect.closeTo(4 + 2 * Math.SQRT2)]);
  });

  test("is finite for the largest values", () => {
    const mean = bandOf(
      [
        { x: [0], y: [1e308] },
        { x: [0], y: [1e308] },
      ],
      "std",
    ).mean;
    expect(mean).toEqual([1e308]);
    const { low, high } = bandOf(
      [
        { x: [0], y: [1e200] },
        { x: [0], y: [2] },
      ],
      "std",
    );
    expect([...low, ...high].every(Number.isFinite)).toBe(true);
  });

  test("spans lowest to highest as a range", () => {
    const band = bandOf(
      [
        { x: [0], y: [1] },
        { x: [0], y: [5] },
        { x: [0], y: [3] },
      ],
      "range",
    );
    expect([band.low, band.mean, band.high]).toEqual([[1], [3], [5]]);
  });

  test("reads between a run's own points, but not beyond its ends", () => {
    const band = bandOf(
      [
        { x: [0, 2], y: [0, 2] },
        { x: [1, 3], y: [10, 10] },
      ],
      "range",
    );
    expect(band.x).toEqual([0, 1, 2, 3]);
    expect(band.mean).toEqual([0, 5.5, 6, 10]);
  });

  test("steps over gaps and takes the later value where a resumed run came by again", () => {
    const band = bandOf([{ x: [0, 1, 2, 1], y: [1, 5, null, 7] }], "std");
    expect([band.x, band.mean, band.low]).toEqual([
      [0, 1],
      [1, 7],
      [1, 7],
    ]);
  });

  test("does not grow with the number of distinct x", () => {
    const long = Array.from({ length: 3000 }, (_, i) => i + 0.5);
    const band = bandOf(
      [
        { x: long, y: long },
        { x: long.map((x) => x + 0.25), y: long },
      ],
      "std",
    );
    expect(band.x.length).toBeLessThanOrEqual(500);
    expect(band.x.at(-1)).toBe(2999.75);
  });

  test("is empty without curves", () => {
    expect(bandOf([], "std").x).toEqual([]);
  });
});

describe("groupsBy", () => {
  test("groups by value, in the values' order, without the runs that lack it", () => {
    const runs = [{ params: { lr: 0.1 } }, { params: { lr: 0.01 } }, { params: {} }, { params: { lr: 0.1 } }];
    const groups = groupsBy(runs, "lr");
    expect(groups.map(({ value, runs: members }) => [value, members.length])).toEqual([
      ["0.01", 1],
      ["0.1", 2],
    ]);
  });

  test("groups by text and by objects too", () => {
    const runs = [{ params: { o: "sgd" } }, { params: { o: "adam" } }, { params: { o: { b: 1 } } }];
    expect(
      groupsBy(runs, "o")
        .map(({ value }) => value)
        .sort(),
    ).toEqual(["adam", "sgd", '{"b":1}'].sort());
  });
});
