import { describe, expect, test } from "vitest";
import { toCsv } from "../../../../dashboards/live/sql/csv.ts";

const result = (names: string[], rows: unknown[][]) => ({
  columns: names.map((name) => ({ name, type: "?" })),
  rows,
  truncated: false,
});

describe("toCsv", () => {
  test.each([
    ["=1+2", "'=1+2"],
    ["=HYPERLINK(a,b)", `"'=HYPERLINK(a,b)"`],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["+1+2", "'+1+2"],
    ["-2+3", "'-2+3"],
    ["\tx", "'\tx"],
    ["-0.5", "-0.5"],
    ["+1e-3", "+1e-3"],
    [-3, "-3"],
    ["a=1", "a=1"],
  ])("gives a spreadsheet no formula: %s", (cell, text) => {
    expect(toCsv(result(["a"], [[cell]]))).toBe(`a\r\n${text}`);
  });

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
