import "@tensorflow/tfjs-backend-cpu";
import {
  copyRegisteredKernels,
  engine,
  findBackend,
  getBackend,
  getKernel,
  type KernelBackend,
  registerBackend,
  removeBackend,
  scalar,
  square,
} from "@tensorflow/tfjs-core";
import { afterEach, expect, test } from "vitest";
import { startBackend } from "../../../trainer/sample/backend.ts";

afterEach(() => {
  if (findBackend("tensorflow")) removeBackend("tensorflow");
});

/** Registers a backend under the name of the native one, as loading the real one does. */
async function loadStandIn(change: (backend: KernelBackend) => void = () => {}): Promise<void> {
  registerBackend("tensorflow", () => {
    const backend = engine().registryFactory.cpu!.factory() as KernelBackend;
    change(backend);
    return backend;
  });
  if (!getKernel("Conv2D", "tensorflow")) copyRegisteredKernels("cpu", "tensorflow");
}

test("native TensorFlow is used where it works", async () => {
  expect(await startBackend(() => loadStandIn())).toBe("tensorflow");
  expect(getBackend()).toBe("tensorflow");
});

test.each<[string, () => Promise<void>]>([
  ["is not there", () => import("no-such-package" as string)],
  ["loads without its native part", async () => {}],
  [
    "loads and then fails at work",
    () =>
      loadStandIn((backend) => {
        backend.write = () => {
          throw new TypeError("util_1.isNullOrUndefined is not a function");
        };
      }),
  ],
])("wasm is used where native TensorFlow %s", async (_what, load) => {
  expect(await startBackend(load)).toBe("wasm");
  expect(getBackend()).toBe("wasm");
  expect(square(scalar(2)).dataSync()[0]).toBe(4);
});
