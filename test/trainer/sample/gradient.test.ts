import "@tensorflow/tfjs-backend-cpu";
import {
  conv2d,
  grad,
  mul,
  randomNormal,
  setBackend,
  sum,
  type Tensor,
  type Tensor4D,
  tensor4d,
  zeros,
} from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { startWasm } from "../../../trainer/sample/backend.ts";
import { registerConv2DFilterGradient } from "../../../trainer/sample/conv2d-filter-gradient.ts";

beforeAll(async () => {
  await startWasm();
});

type Shape = [number, number, number, number];
type Pad = "valid" | "same" | number;

/** The gradient by the filter of the sum of a convolution, weighted so that no two places of dy are alike. */
async function gradient(
  backend: string,
  x: Float32Array,
  shape: Shape,
  filter: Shape,
  weights: Float32Array,
  pad: Pad,
  stride = 1,
) {
  await setBackend(backend);
  const images = tensor4d(x, shape);
  const loss = (w: Tensor) => {
    const y = conv2d(images, w as Tensor4D, stride, pad);
    return sum(mul(y, tensor4d(weights.subarray(0, y.size), y.shape)));
  };
  const dw = grad(loss)(zeros(filter));
  return { values: await dw.data(), shape: dw.shape };
}

test.each<{ images: Shape; filter: Shape }>([
  { images: [8, 28, 28, 1], filter: [3, 3, 1, 32] },
  { images: [4, 13, 13, 32], filter: [3, 3, 32, 64] },
  { images: [3, 7, 9, 2], filter: [2, 4, 2, 5] },
  { images: [1, 5, 5, 1], filter: [5, 5, 1, 1] },
])("on wasm the gradient by a filter $filter of images $images is that of the cpu", async ({ images, filter }) => {
  await setBackend("cpu");
  const x = (await randomNormal(images, 0, 1, "float32", 1).data()) as Float32Array;
  const outputs = images[0] * (images[1] - filter[0] + 1) * (images[2] - filter[1] + 1) * filter[3];
  const weights = (await randomNormal([outputs], 0, 1, "float32", 2).data()) as Float32Array;
  const cpu = await gradient("cpu", x, images, filter, weights, "valid");
  // A padding of 0 is the same, but the library gets the shape of its output wrong unless the filter is square.
  for (const pad of filter[0] === filter[1] ? (["valid", 0] as const) : (["valid"] as const)) {
    const wasm = await gradient("wasm", x, images, filter, weights, pad);
    expect(wasm.shape).toEqual(filter);
    const scale = Math.max(...cpu.values.map(Math.abs));
    const worst = Math.max(...wasm.values.map((value, i) => Math.abs(value - cpu.values[i]!)));
    expect(worst / scale).toBeLessThan(3e-6);
  }
});

test.each<{ pad: Pad; stride: number; says: string }>([
  { pad: "same", stride: 1, says: 'padding "same" (only "valid")' },
  { pad: 1, stride: 1, says: 'padding 1 (only "valid")' },
  { pad: "valid", stride: 2, says: "strides 2 (only 1)" },
])("with padding $pad and stride $stride it says that it cannot", async ({ pad, stride, says }) => {
  const x = new Float32Array(36);
  await expect(gradient("wasm", x, [1, 6, 6, 1], [3, 3, 1, 1], new Float32Array(36), pad, stride)).rejects.toThrow(
    says,
  );
});

test("a backend that has the kernel keeps its own", async () => {
  registerConv2DFilterGradient("cpu");
  const { values } = await gradient(
    "cpu",
    new Float32Array(16).fill(1),
    [1, 4, 4, 1],
    [3, 3, 1, 1],
    new Float32Array(16).fill(1),
    "same",
  );
  expect(values.length).toBe(9);
});
