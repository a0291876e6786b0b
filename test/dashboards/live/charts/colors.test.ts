import { describe, expect, test } from "vitest";
import { createColors } from "../../../../dashboards/live/charts/colors.ts";

describe("colours", () => {
  const names = Array.from({ length: 30 }, (_, i) => `run-${i}`);

  test("are the same in every session and whatever is shown", () => {
    const [one, other] = [createColors(), createColors()];
    one.introduce(names);
    other.introduce(names);
    one.together(["run-3"]);
    other.together(["run-5", "run-3"]);
    expect(one.of("run-3", "light")).toBe(other.of("run-3", "light"));
  });

  test("differ between neighbours and between all shown together", () => {
    const colors = createColors();
    colors.introduce(names);
    const of = (shown: string[]) => new Set(shown.map((name) => colors.of(name, "dark"))).size;
    expect(of(names.slice(4, 14))).toBe(10);
    const scattered = names.filter((_, i) => i % 3 === 0);
    colors.together(scattered);
    expect(of(scattered)).toBe(10);
  });
});
