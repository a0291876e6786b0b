import { describe, expect, test } from "vitest";
import { createSmoother } from "../../../functions/stores/smoothing.ts";
import { spiky } from "./spiky.ts";

/** TensorBoard's: vz_line_chart2's resmoothDataset, in which the weight is the slider's. */
function tensorboard(values: readonly number[], weight: number): number[] {
  let last = 0;
  let count = 0;
  const isConstant = values.every((value) => value === values[0]);
  return values.map((value) => {
    if (isConstant || !Number.isFinite(value)) return value;
    last = last * weight + (1 - weight) * value;
    count++;
    return last / (weight === 1 ? 1 : 1 - weight ** count);
  });
}

/** W&B's "exponential moving average", as its documentation gives the code. */
function wandb(values: readonly number[], weight: number): number[] {
  let last = 0;
  let numAccum = 0;
  return values.map((nextVal) => {
    last = last * weight + (1 - weight) * nextVal;
    numAccum++;
    const debiasWeight = 1 - weight ** numAccum;
    return last / debiasWeight;
  });
}

describe("smoothing", () => {
  test.each([0.6, 0.9, 0.99])("is TensorBoard's and W&B's moving average: weight %f", (weight) => {
    const values = Array.from({ length: 2_000 }, (_, index) => spiky(index));
    const ours = values.map(createSmoother(weight));
    for (const theirs of [tensorboard(values, weight), wandb(values, weight)])
      ours.forEach((value, index) => {
        expect(Math.abs(value - theirs[index]!)).toBeLessThan(1e-9);
      });
  });

  test("passes by what is not finite as TensorBoard does, and leaves a constant what it is", () => {
    const values = [4, Number.NaN, 8, Number.POSITIVE_INFINITY, 1];
    const finite = (all: number[]) => all.filter((_, index) => Number.isFinite(values[index]));
    const ours = finite(values.map(createSmoother(0.5)));
    expect(ours).toEqual(finite(tensorboard(values, 0.5)).map((value) => expect.closeTo(value, 12)));
    const constant = Array<number>(300).fill(1e-4);
    expect(constant.map(createSmoother(0.9))).toEqual(tensorboard(constant, 0.9));
  });

  test("goes on where it stood", () => {
    const values = Array.from({ length: 50 }, (_, index) => spiky(index));
    const whole = values.map(createSmoother(0.9));
    const rest = values.slice(20).map(createSmoother(0.9, { value: whole[19]!, count: 20 }));
    rest.forEach((value, index) => {
      expect(value).toBeCloseTo(whole[20 + index]!, 9);
    });
  });

  test("does not leave the doubles between its ends", () => {
    expect([1.7e308, -1.7e308, 1.7e308].map(createSmoother(0.6)).every(Number.isFinite)).toBe(true);
  });
});
