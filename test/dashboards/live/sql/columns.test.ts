import { describe, expect, test } from "vitest";
import { chooseChart, columnKinds, seriesOfRows } from "../../../../dashboards/live/sql/columns.ts";

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
    expect(chooseChart(result(["run", "epoch", "split", "value"], rows))).toEqual({
      kind: "line",
      x: 1,
      y: 3,
      by: [0],
    });
  });

  test("draws a line per run and split, however many there are", () => {
    const rows = (runs: number) =>
      Array.from({ length: runs }, (_, run) =>
        ["train", "validation"].flatMap((split) => [0, 1].map((epoch) => [`r${run}`, epoch, split, epoch])),
      ).flat();
    for (const runs of [2, 13, 40]) {
      const table = result(["run", "epoch", "split", "value"], rows(runs));
      const choice = chooseChart(table)!;
      expect(choice).toMatchObject({ kind: "line", x: 1, y: 3, by: [0, 2] });
      expect(seriesOfRows(table, choice)).toHaveLength(2 * runs);
    }
    const one = result(["run", "epoch", "split", "value"], rows(1));
    expect(chooseChart(one)!.by).toEqual([2]);
  });

  test("draws a line per run where ids are digits, and where each has one row", () => {
    expect(
      chooseChart(
        result(
          ["run", "epoch", "value"],
          [
            ["1", 0, 5],
            ["2", 0, 6],
          ],
        ),
      )!.by,
    ).toEqual([0]);
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
    ).toEqual({ kind: "bar", x: 0, y: 2, by: [] });
  });

  test("draws dots for two numbers, a line over time, and nothing without numbers", () => {
    expect(chooseChart(result(["lr", "best"], [[1, 2]]))).toEqual({ kind: "scatter", x: 0, y: 1, by: [] });
    expect(chooseChart(result(["ts", "n"], [["2026-11-24", 2]]))).toEqual({ kind: "line", x: 0, y: 1, by: [] });
    expect(chooseChart(result(["name"], [["a"]]))).toBeNull();
    expect(chooseChart(result(["n"], []))).toBeNull();
  });
});

describe("seriesOfRows", () => {
  test("calls a run by its name, and keeps runs of one name apart", () => {
    const table = result(
      ["run", "epoch", "value"],
      [
        ["r1", 0, 1],
        ["r2", 0, 2],
      ],
    );
    const series = seriesOfRows(table, { kind: "line", x: 1, y: 2, by: [0] }, () => "convnet");
    expect(series.map(({ name }) => name)).toEqual(["convnet", "convnet"]);
  });

  test("have gaps where a value is too large for an axis to span", () => {
    const table = result(
      ["epoch", "value"],
      [1e308, -1e308, 1, "1e305", 1e300].map((value, epoch) => [epoch, value]),
    );
    const [series] = seriesOfRows(table, { kind: "line", x: 0, y: 1, by: [] });
    expect(series!.points.map(([, y]) => y)).toEqual([null, null, 1, null, 1e300]);
    expect(seriesOfRows(table, { kind: "scatter", x: 1, y: 0, by: [] })[0]!.points).toHaveLength(2);
  });

  test("sorts a line by x, and keeps the rows' order for bars", () => {
    const rows = [
      ["b", 2, 20],
      ["a", 1, "10"],
      ["a", 0, null],
    ];
    const table = result(["run", "epoch", "value"], rows);
    expect(seriesOfRows(table, { kind: "line", x: 1, y: 2, by: [0] })).toEqual([
      { name: "b", points: [[2, 20]] },
      {
        name: "a",
        points: [
          [0, null],
          [1, 10],
        ],
      },
    ]);
    expect(seriesOfRows(table, { kind: "bar", x: 0, y: 2, by: [] })[0]!.points.map(([x]) => x)).toEqual([
      "b",
      "a",
      "a",
    ]);
  });
});
