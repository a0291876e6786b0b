import { describe, expect, test } from "vitest";
import {
  directionOf,
  gaugeMetrics,
  gaugeRange,
  isShare,
  judgedLow,
  lowerIsBetter,
  niceCeiling,
  orderMetrics,
  shareOf,
} from "../../../../dashboards/live/data/metric-names.ts";
import { lowerIsBetter as memoryDirectionOf } from "../../../functions/stores/memory/memory-views.ts";
import { METRIC_DIRECTIONS } from "../../../functions/stores/metric-directions.ts";

describe("metrics by name", () => {
  test.each([
    ["low", true],
    ["high", false],
    ["none", null],
  ] as const)("are better %s, for the page as for the memory store", (direction, expected) => {
    const names = METRIC_DIRECTIONS[direction];
    expect(names.filter((name) => directionOf(name) !== expected)).toEqual([]);
    expect(names.filter((name) => lowerIsBetter(name) !== (expected === true))).toEqual([]);
    expect(names.filter((name) => memoryDirectionOf(name) !== expected)).toEqual([]);
  });

  test("are shares or not", () => {
    expect(["accuracy", "sparse_categorical_accuracy", "top5", "f1"].every(isShare)).toBe(true);
    expect(isShare("reward")).toBe(false);
  });

  test("stand with accuracy and loss first", () => {
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

  test("can be judged where high or low is good, and not where they are settings or measures of the run", () => {
    const judged = ["loss", "accuracy", "f1", "mse", "reward", "bleu", "psnr"];
    const plain = ["lr", "learning_rate", "seconds", "epoch_seconds", "time_per_epoch", "step", "anything"];
    const byName = (metric: string) => judgedLow(metric, directionOf(metric));
    expect(judged.filter((metric) => byName(metric) === null)).toEqual([]);
    expect(plain.filter((metric) => byName(metric) !== null)).toEqual([]);
    const low = ["epoch_loss", "step/loss", "loss_per_step", "time_weighted_mse", "lr_finder_loss", "memory_errors"];
    const high = ["time_masked_accuracy", "step_accuracy", "memory_score", "reward_per_step", "accuracy_at_step_100"];
    const alone = [
      "time_to_accuracy",
      "steps_to_reward",
      "steps_per_second",
      "score_time",
      "memory.lossless_mb",
      "lr-Adam",
    ];
    expect([low, high, alone].map((names) => [...new Set(names.map(byName))])).toEqual([[true], [false], [null]]);
    expect([judgedLow("fid", true), judgedLow("lr", false), judgedLow("loss", false)]).toEqual([true, false, false]);
  });

  test("have a gauge of a sensible range", () => {
    expect(gaugeRange("accuracy", 0, 0.4)).toEqual([0, 1]);
    expect(gaugeRange("loss", 0, 2.31)).toEqual([0, 2.5]);
    expect(gaugeRange("reward", -120, 30)).toEqual([-150, 30]);
    expect(gaugeRange("accuracy", 0, 97)).toEqual([0, 100]);
    expect(gaugeRange("loss", 0, 1.7e308)).toEqual([0, Number.MAX_VALUE]);
    expect(gaugeRange("loss", 0, 5e-324)).toEqual([0, 1e-300]);
    expect([0, 0.3, 0.31, 1, 9.1, Number.NaN].map(niceCeiling)).toEqual([1, 0.3, 0.4, 1, 10, 1]);
  });

  test.each([
    [0, 2.5],
    [0, 1e-12],
    [0, 1e-300],
    [-150, 30],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [0, Number.MAX_VALUE],
  ])("of a range from %d to %d both ends and the middle are found", (min, max) => {
    expect([min, min / 2 + max / 2, max].map((value) => shareOf(value, [min, max]))).toEqual([0, 0.5, 1]);
  });
});
