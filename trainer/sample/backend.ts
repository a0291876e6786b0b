import { createRequire } from "node:module";
import { dirname } from "node:path";
import {
  conv2d,
  findBackend,
  grad,
  ones,
  type Rank,
  setBackend,
  sum,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
// Registers the gradients of the operations with the core, which has them not by itself.
import "@tensorflow/tfjs-layers";
import { registerConv2DFilterGradient } from "./conv2d-filter-gradient.ts";

export type Backend = "tensorflow" | "wasm";

// An optional peer and not an optional dependency: its install script downloads some hundred MB of
// TensorFlow before it fails or not, it does not work on Node >= 23, and it brings a second
// TensorFlow.js beside the parts used here. Who wants it installs it (docs/start.md). A name in a
// variable keeps the compiler from asking for it.
const NATIVE = "@tensorflow/tfjs-node";

/**
 * Picks what computes: native TensorFlow where `@tensorflow/tfjs-node` is installed and works, else
 * WebAssembly. In Node the latter has one thread, which leaves the other cores to the server.
 */
export async function startBackend(loadNative: () => Promise<unknown> = () => import(NATIVE)): Promise<Backend> {
  return (await startNative(loadNative)) ? "tensorflow" : startWasm();
}

/**
 * Its native part may be missing, and on Node >= 23 it loads and then fails at work: so it has to
 * do some.
 */
async function startNative(load: () => Promise<unknown>): Promise<boolean> {
  try {
    await load();
    if (findBackend("tensorflow") === null || !(await setBackend("tensorflow"))) return false;
    tidy(() => {
      const images = ones<Rank.R4>([1, 3, 3, 1]);
      grad((filter) => sum(conv2d(images, filter as Tensor4D, 1, "valid")))(ones([2, 2, 1, 1])).dataSync();
    });
    return true;
  } catch {
    return false;
  }
}

export async function startWasm(): Promise<"wasm"> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  registerConv2DFilterGradient("wasm");
  if (!(await setBackend("wasm"))) throw new Error("The WebAssembly backend of TensorFlow.js did not start.");
  return "wasm";
}
