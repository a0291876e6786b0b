import { describe, expect, test } from "vitest";
import type { SummaryRow } from "../../../functions/stores/driver-rows.ts";
import { type ReadSummaries, readSummaries } from "../../../functions/stores/summaries.ts";

const rowOf = (run: string, index: number): SummaryRow => ({
  run,
  metric: `m${index}`,
  split: "train",
  level: "epoch",
  points: 1,
  first_text: "1",
  last_text: "1",
  best: 1,
  min: 1,
  max: 1,
  lower_is_better: false,
});

/** What a store gives of runs with so many metrics each, and the most that one statement gave. */
function storeOf(metrics: Record<string, number>) {
  const asked: number[] = [];
  const read: ReadSummaries = async (runs, bounds) => {
    const rows = [...runs]
      .sort()
      .flatMap((run) =>
        Array.from({ length: Math.min(metrics[run] ?? 0, bounds.metrics) }, (_, index) => rowOf(run, index)),
      );
    asked.push(Math.min(rows.length, bounds.limit));
    return rows.slice(0, bounds.limit);
  };
  return { read, asked };
}

describe("summaries of a list of runs", () => {
  test("are those of all runs, by one statement, where they are not many", async () => {
    const { read, asked } = storeOf({ b: 2, a: 3 });
    const found = await readSummaries(["b", "none", "a"], read);
    expect(found.map(({ summary }) => summary.length)).toEqual([2, 0, 3]);
    expect(asked).toEqual([5]);
  });

  test("of a run that has more than an answer holds are cut, and it says so", async () => {
    const { read } = storeOf({ a: 100_000, b: 1 });
    const [a, b] = await readSummaries(["a", "b"], read);
    expect(a).toMatchObject({ summary: { length: 5_000 }, summary_truncated: true });
    expect(b).not.toHaveProperty("summary_truncated");
  });

  test("end with the run that fills the answer, in the order of the list", async () => {
    const runs = Array.from({ length: 100 }, (_, index) => `r${index}`);
    const { read, asked } = storeOf(Object.fromEntries(runs.map((run) => [run, 2_261])));
    const found = await readSummaries(runs, read);
    expect(found).toHaveLength(Math.floor(50_000 / 2_261));
    expect(found.every(({ summary }) => summary.length === 2_261)).toBe(true);
    expect(Math.max(...asked)).toBeLessThanOrEqual(50_010);
  });
});
