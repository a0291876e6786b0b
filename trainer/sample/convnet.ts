import { dropout, type Tensor, train } from "@tensorflow/tfjs-core";
import { initializers, layers, type Sequential, sequential } from "@tensorflow/tfjs-layers";

export interface ConvnetOptions {
  learningRate: number;
  /** Fixes the weights at the start and what is dropped out. */
  seed: number;
}

export const DROPOUT = 0.5;

/**
 * The convnet of Keras' `mnist_convnet` example, compiled: images [batch, 28, 28, 1] in 0..1 to ten
 * probabilities, with 34,826 weights. Source: https://keras.io/examples/vision/mnist_convnet/ (F.
 * Chollet, Apache-2.0).
 */
export function convnet({ learningRate, seed }: ConvnetOptions): Sequential {
  const start = (layer: number) => initializers.glorotUniform({ seed: seed * 10 + layer });
  const convolution = { kernelSize: 3, activation: "relu" } as const;
  const model = sequential({
    layers: [
      layers.conv2d({ ...convolution, filters: 32, kernelInitializer: start(1), inputShape: [28, 28, 1] }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ ...convolution, filters: 64, kernelInitializer: start(2) }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      new SeededDropout(DROPOUT, seed),
      layers.dense({ units: 10, activation: "softmax", kernelInitializer: start(3) }),
    ],
  });
  model.compile({ optimizer: train.adam(learningRate), loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

/** The library's own dropout with a seed drops the same values in every batch. */
class SeededDropout extends layers.Layer {
  static className = "SeededDropout";
  readonly #rate: number;
  #seed: number;

  constructor(rate: number, seed: number) {
    super({});
    this.#rate = rate;
    this.#seed = seed * 1_000_003;
  }

  override call(inputs: Tensor | Tensor[], { training }: { training?: boolean }): Tensor {
    const input = Array.isArray(inputs) ? inputs[0]! : inputs;
    // tfjs takes 0 for no seed at all.
    if (training) this.#seed += 1;
    return training ? dropout(input, this.#rate, undefined, this.#seed || 1) : input;
  }
}

/** Sets the rate of a compiled model, and gives the one that it goes on with. */
export function setLearningRate({ optimizer }: Sequential, learningRate: number): number {
  Object.assign(optimizer, { learningRate });
  return Number(optimizer.getConfig().learningRate);
}
