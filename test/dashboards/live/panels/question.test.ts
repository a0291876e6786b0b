import { describe, expect, test } from "vitest";
import { createAsk, filledIn } from "../../../../dashboards/live/panels/question.ts";
import { pageDashboards } from "../../../../dashboards/page-dashboards.ts";
import { shippedDashboards } from "../../../../dashboards/shipped.ts";
import type { SqlResult } from "../../../../functions/stores/store.ts";

const SQL = "SELECT 1 FROM v AS d\nWHERE 1 = 1\n  [[AND d.project IN ({{project}})]]\n  [[AND d.run IN ({{run}})]]";

describe("a panel's question", () => {
  test("has what was chosen in it, and nothing of what was not", () => {
    expect(filledIn(SQL, { project: ["p"] })).toBe("SELECT 1 FROM v AS d\nWHERE 1 = 1\n  AND d.project IN ('p')\n  ");
    expect(filledIn(SQL, { run: ["a", "b"] })).toContain("AND d.run IN ('a', 'b')");
  });

  test("of no run at all is answered by nothing", () => {
    expect(filledIn(SQL, { run: [] })).toContain("AND d.run IN (NULL)");
  });

  test("takes every text as a text, such as one that looks like SQL or a variable", () => {
    const odd = "it's ]] {{run}} $& \\ --";
    expect(filledIn(SQL, { project: [odd], run: ["r"] })).toBe(
      "SELECT 1 FROM v AS d\nWHERE 1 = 1\n  AND d.project IN ('it''s ]] {{run}} $& \\ --')\n  AND d.run IN ('r')",
    );
  });

  test("of every panel that ships is narrowed to one project, and has no variable left", () => {
    const views = { dialect: "postgres", schema: "integraviz" } as const;
    const panels = pageDashboards(shippedDashboards(["best_so_far"]), views).flatMap(({ rows }) =>
      rows.flatMap((row) => row.panels),
    );
    expect(panels.length).toBeGreaterThan(15);
    for (const { sql, kind } of panels) {
      if (kind === "text") continue;
      const filled = filledIn(sql!, { project: ["p"], run: ["r"] });
      expect(filled).toContain("IN ('p')");
      expect(filled).toContain("IN ('r')");
      expect(filled).not.toMatch(/\[\[|\]\]|\{\{/);
    }
  });
});

describe("asking", () => {
  const result: SqlResult = { columns: [], rows: [], truncated: false };

  test("goes three at a time, in order, and past one that fails or is not wanted any more", async () => {
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const ask = createAsk({
      sql(sql) {
        begun.push(sql);
        return new Promise((resolve, reject) =>
          ends.set(sql, () => (sql === "a" ? reject(new Error("refused")) : resolve({ ...result, ms: 1 }))),
        );
      },
    });
    const gone = new AbortController();
    const { signal } = new AbortController();
    const all = ["a", "b", "c", "d", "e", "f"].map((sql) => ask(sql, sql === "d" ? gone.signal : signal).catch(String));
    gone.abort();
    expect(begun).toEqual(["a", "b", "c"]);
    ends.get("a")!();
    await expect.poll(() => begun).toEqual(["a", "b", "c", "e"]);
    for (const sql of ["b", "c", "e"]) ends.get(sql)!();
    await expect.poll(() => begun.at(-1)).toBe("f");
    ends.get("f")!();
    const [a, b, , d] = await Promise.all(all);
    expect([a, b, String(d)]).toEqual(["Error: refused", { ...result, ms: 1 }, expect.stringContaining("Abort")]);
  });
});
