import {
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  conv2d,
  getKernel,
  registerKernel,
  type Tensor4D,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";

/**
 * Gives a backend the kernel `Conv2DBackpropFilter`, which wasm lacks, made of kernels it has. The
 * gradient of a convolution by its filter is itself one: of the images, with channels in the place
 * of the batch, by the gradient of the output in the place of the filter. For stride 1 without
 * padding:
 *
 *     dw = transpose(
 *       conv2d(transpose(x, [3,1,2,0]), transpose(dy, [1,2,0,3]), 1, "valid"),
 *       [1,2,0,3])
 *
 * x is [batch, height, width, in], dy [batch, height', width', out], dw [filter height, filter
 * width, in, out]. Throws for any other stride, padding or layout. A backend that has the kernel
 * keeps its own.
 */
export function registerConv2DFilterGradient(backendName: string): void {
  if (getKernel("Conv2DBackpropFilter", backendName)) return;
  registerKernel({
    kernelName: "Conv2DBackpropFilter",
    backendName,
    kernelFunc({ inputs, attrs }) {
      // The registry hands tensors over under a type that does not say so.
      const { x, dy } = inputs as unknown as Record<keyof Conv2DBackpropFilterInputs, Tensor4D>;
      checkAttrs(attrs as unknown as Conv2DBackpropFilterAttrs);
      return tidy(() => {
        const images = transpose(x, [3, 1, 2, 0]);
        const filter = transpose(dy, [1, 2, 0, 3]);
        return transpose(conv2d(images, filter, 1, "valid"), [1, 2, 0, 3]);
      });
    },
  });
}

function checkAttrs({ strides, pad, dataFormat }: Conv2DBackpropFilterAttrs): void {
  const odd = [
    [strides].flat().every((stride) => stride === 1) ? null : `strides ${strides} (only 1)`,
    pad === "valid" || [pad].flat(2).every((side) => side === 0)
      ? null
      : `padding ${JSON.stringify(pad)} (only "valid")`,
    dataFormat === "NHWC" ? null : `layout ${dataFormat} (only NHWC)`,
  ].filter((problem) => problem !== null);
  if (odd.length === 0) return;
  throw new Error(`The wasm backend cannot train a convolution with ${odd.join(" or ")}. Use @tensorflow/tfjs-node.`);
}
