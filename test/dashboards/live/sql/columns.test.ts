import { describe, expect, test } from "vitest";
import { chooseChart, columnKinds, seriesOfRows, toCsv } from "../../../../dashboards/live/sql/columns.ts";

const result = (names: string[], rows: unknown[][]) => ({
  columns: names.map((name) => ({ name, type: "?" })),
  rows,
  truncated: false,
});

describe("the columns of a result", () => {
  test("are told by their cells: exact numbers come as text", () => {
    const rows = [["9223372036854775807", 1.5, "2026-11-24T12:00:00Z", "a", null, { $num: "NaN" }]];
    expect(columnKinds(result(["a", "b", "c", "d", "e", "f"], rows))).toEqual([
      "number",
      "number",
      "time",
      "text",
      "text",
      "number",
    ]);
  });
});

describe("chooseChart", () => {
  test("draws values over epochs, a line per run", () => {
    const rows = ["r1", "r2"].flatMap((run) => [0, 1, 2].map((epoch) => [run, epoch, "train", 1 / (epoch + 1)]));
    expect(chooseChart(result(["run", "epoch", "split", "value"], rows))).toEqual({ kind: "line", x: 1, y: 3, by: 0 });
  });

  test("draws bars for names and numbers", () => {
    expect(
      chooseChart(
        result(
          ["name", "state", "best"],
          [
            ["a", "ok", 1],
            ["b", "ok", 2],
          ],
        ),
      ),
    ).toEqual({ kind: "bar", x: 0, y: 2, by: null });
  });

  test("draws dots for two numbers, a line over time, and nothing without numbers", () => {
    expect(chooseChart(result(["lr", "best"], [[1, 2]]))).toEqual({ kind: "scatter", x: 0, y: 1, by: null });
    expect(chooseChart(result(["ts", "n"], [["2026-11-24", 2]]))).toEqual({ kind: "line", x: 0, y: 1, by: null });
    expect(chooseChart(result(["name"], [["a"]]))).toBeNull();
    expect(chooseChart(result(["n"], []))).toBeNull();
  });
});

describe("seriesOfRows", () => {
  test("sorts a line by x, and keeps the rows' order for bars", () => {
    const rows = [
      ["b", 2, 20],
      ["a", 1, "10"],
      ["a", 0, null],
    ];
    const table = result(["run", "epoch", "value"], rows);
    expect(seriesOfRows(table, { kind: "line", x: 1, y: 2, by: 0 })).toEqual([
      { name: "b", points: [[2, 20]] },
      {
        name: "a",
        points: [
          [0, null],
          [1, 10],
        ],
      },
    ]);
    expect(seriesOfRows(table, { kind: "bar", x: 0, y: 2, by: null })[0]!.points.map(([x]) => x)).toEqual([
      "b",
      "a",
      "a",
    ]);
  });
});

describe("toCsv", () => {
  test("quotes what needs it", () => {
    expect(
      toCsv(
        result(
          ["a", 'b"c'],
          [
            ["x,y", null],
            [{ k: 1 }, 2],
          ],
        ),
      ),
    ).toBe('a,"b""c"\r\n"x,y",\r\n"{""k"":1}",2');
  });
});
