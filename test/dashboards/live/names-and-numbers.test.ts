import { describe, expect, it } from "vitest";
import { createColors } from "../../../dashboards/live/charts/colors.ts";
import {
  gaugeMetrics,
  gaugeRange,
  isShare,
  lowerIsBetter,
  niceCeiling,
  orderMetrics,
} from "../../../dashboards/live/data/metric-names.ts";
import {
  formatAny,
  formatClock,
  formatDuration,
  formatNumber,
  formatShort,
} from "../../../dashboards/live/layout/values.ts";

describe("metrics by name", () => {
  it("are better low or high", () => {
    expect(["loss", "val_loss", "mse", "perplexity", "epoch_seconds"].every(lowerIsBetter)).toBe(true);
    expect(["accuracy", "f1", "reward"].some(lowerIsBetter)).toBe(false);
    expect(["accuracy", "sparse_categorical_accuracy", "top5", "f1"].every(isShare)).toBe(true);
    expect(isShare("reward")).toBe(false);
  });

  it("stand with accuracy and loss first", () => {
    expect(orderMetrics(["zeta", "mse", "loss", "f1", "accuracy", "loss"])).toEqual([
      "accuracy",
      "loss",
      "f1",
      "mse",
      "zeta",
    ]);
    expect(gaugeMetrics(["lr", "mse", "f1"])).toEqual(["f1", "mse"]);
    expect(gaugeMetrics(["reward", "steps"])).toEqual(["reward", "steps"]);
  });

  it("have a gauge of a sensible range", () => {
    expect(gaugeRange("accuracy", 0, 0.4)).toEqual([0, 1]);
    expect(gaugeRange("loss", 0, 2.31)).toEqual([0, 2.5]);
    expect(gaugeRange("reward", -120, 30)).toEqual([-150, 30]);
    expect(gaugeRange("accuracy", 0, 97)).toEqual([0, 100]);
    expect([0, 0.3, 0.31, 1, 9.1, Number.NaN].map(niceCeiling)).toEqual([1, 0.3, 0.4, 1, 10, 1]);
  });
});

describe("numbers", () => {
  it("have four digits and a steady width", () => {
    expect([0.94, 12.3456, 1234.5, 128, 0, -0.5].map(formatNumber)).toEqual([
      "0.9400",
      "12.35",
      "1235",
      "128",
      "0",
      "−0.5000",
    ]);
    expect([0.000032, 12_345_678, Number.NaN, Number.POSITIVE_INFINITY].map(formatNumber)).toEqual([
      "3.2e−5",
      "1.23e7",
      "NaN",
      "∞",
    ]);
  });

  it("are short on axes and in params", () => {
    expect([0.9, 0.003, 128, 0.12345].map(formatShort)).toEqual(["0.9", "0.003", "128", "0.1235"]);
    expect([null, { $num: "-Infinity" }, [1], true, "adam"].map(formatAny)).toEqual(["–", "−∞", "[1]", "true", "adam"]);
  });

  it("tell time", () => {
    expect([8_000, 192_000, 7_500_000, 273_600_000].map(formatDuration)).toEqual([
      "8 s",
      "3 m 12 s",
      "2 h 5 m",
      "3 d 4 h",
    ]);
    expect([40, 200, 3900].map(formatClock)).toEqual(["0:40", "3:20", "1:05:00"]);
  });
});

describe("colours", () => {
  const names = Array.from({ length: 30 }, (_, i) => `run-${i}`);

  it("are the same in every session and whatever is shown", () => {
    const [one, other] = [createColors(), createColors()];
    one.introduce(names);
    other.introduce(names);
    one.together(["run-3"]);
    other.together(["run-5", "run-3"]);
    expect(one.of("run-3", "light")).toBe(other.of("run-3", "light"));
  });

  it("differ between neighbours and between all shown together", () => {
    const colors = createColors();
    colors.introduce(names);
    const of = (shown: string[]) => new Set(shown.map((name) => colors.of(name, "dark"))).size;
    expect(of(names.slice(4, 14))).toBe(10);
    const scattered = names.filter((_, i) => i % 3 === 0);
    colors.together(scattered);
    expect(of(scattered)).toBe(10);
  });
});
