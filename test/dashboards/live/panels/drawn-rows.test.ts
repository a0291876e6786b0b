import { describe, expect, test } from "vitest";
import { panelBars } from "../../../../dashboards/live/panels/bars.ts";
import { panelLines } from "../../../../dashboards/live/panels/lines.ts";
import { formatted } from "../../../../dashboards/live/panels/values.ts";

const answer = (names: string[], rows: unknown[][]) => ({
  columns: names.map((name) => ({ name, type: "text" })),
  rows,
  truncated: false,
});
const nameOf = (run: string) => ({ r1: "first", "a, b": "with a comma", r2: "twin", r3: "twin" })[run] ?? run;

describe("the lines of a panel", () => {
  const panel = { x: "epoch", measure: "value_max", by: ["run", "split"] };
  const columns = ["epoch", "series", "value_max"];

  test("are told apart by run and split, in the order of x, under the runs' names", () => {
    const rows = [
      [1, "r1, train", 0.5],
      [0, "r1, train", 0.9],
      [0, "r1, validation", null],
      [0, "a, b, train", { $num: "NaN" }],
    ];
    const { lines, isTime } = panelLines(panel, answer(columns, rows), nameOf);
    expect(isTime).toBe(false);
    expect(lines.map(({ label, split, points, last, hue }) => ({ label, split, points, last, hue }))).toEqual([
      {
        label: "first",
        split: "train",
        points: [
          [0, 0.9],
          [1, 0.5],
        ],
        last: 0.5,
        hue: "r1",
      },
      { label: "first", split: "validation", points: [[0, null]], last: null, hue: "r1" },
      { label: "with a comma", split: "train", points: [[0, null]], last: null, hue: "a, b" },
    ]);
  });

  test("may be told apart by more, by nothing, and by time", () => {
    const more = panelLines({ ...panel, by: ["run", "metric"] }, answer(columns, [[0, "r1, loss", 1]]), nameOf);
    expect(more.lines.map(({ label }) => label)).toEqual(["first, loss"]);
    const rows = [["2026-11-30 10:00:00+00", 3]];
    const one = panelLines({ ...panel, x: "ts", by: [] }, answer(["ts", "value_max"], rows), nameOf);
    expect(one.isTime).toBe(true);
    expect(one.lines[0]!.points).toEqual([[Date.parse("2026-11-30T10:00:00Z"), 3]]);
    const splits = panelLines({ ...panel, by: ["split"] }, answer(columns, [[0, "validation", 1]]), nameOf);
    expect(splits.lines).toMatchObject([{ split: "validation", label: "all" }]);
  });
});

describe("the bars of a panel", () => {
  test("have the names of runs, but for two of one name", () => {
    const rows = [
      ["r1", 3],
      ["r2", 2],
      ["r3", null],
    ];
    expect(panelBars({ kind: "compare", by: "run" }, answer(["run", "best"], rows), nameOf)).toEqual([
      ["first", 3],
      ["r2", 2],
      ["r3", null],
    ]);
  });

  test("begin where a bin does, told apart however narrow it is", () => {
    expect(
      panelBars(
        { kind: "distribution" },
        answer(
          ["best", "rows"],
          [
            [0.5, 2],
            [0.75, 1],
          ],
        ),
        nameOf,
      ),
    ).toEqual([
      ["0.5", 2],
      ["0.75", 1],
    ]);
    const narrow = [
      [0.900001, 2],
      [0.900002, 1],
    ];
    expect(panelBars({ kind: "distribution" }, answer(["best", "rows"], narrow), nameOf)).toEqual([
      ["0.900001", 2],
      ["0.900002", 1],
    ]);
  });
});

test("numbers are written as the spec says", () => {
  expect([
    formatted(0.91234, "number"),
    formatted(0.91234, "percent"),
    formatted(7, "integer"),
    formatted(125, "seconds"),
    formatted(null, "percent"),
  ]).toEqual(["0.9123", "91.23 %", "7", "2 m 5 s", "–"]);
});
