import { type Tensor, tensor2d, tensor4d } from "@tensorflow/tfjs-core";
import type { Sequential } from "@tensorflow/tfjs-layers";
import type { Run } from "../client/index.ts";
import { setLearningRate } from "./convnet.ts";
import { type Dataset, type Images, PIXELS, SIDE } from "./images.ts";
import { seededRandom } from "./random.ts";
import { figures, type Reporting } from "./reporting.ts";

export interface FitOptions {
  /** Compiled with a loss and accuracy as its one metric. */
  model: Sequential;
  dataset: Dataset;
  epochs: number;
  batchSize: number;
  /** Fixes the order of the images. */
  seed: number;
  run: Pick<Run, "epochBegin" | "epochEnd" | "batchEnd" | "testBatchEnd" | "requested" | "applied">;
  /** Called between batches: lets the event loop turn. */
  breathe(): Promise<void>;
  /** Asked after each batch, of training and of validation. */
  shouldStop(): boolean;
  reporting: Reporting;
}

interface Means {
  loss: number;
  accuracy: number;
}

/**
 * Trains and logs: the metrics of each batch on its own, and of each epoch the means over its
 * images, as Keras does. All counted from 0. Resolves to whether it came to its end or was stopped,
 * which takes effect after the batch in hand; an epoch that was stopped has no on_epoch_end, since
 * its means would be of another kind.
 */
export async function fitModel(options: FitOptions): Promise<"finished" | "stopped"> {
  const { model, dataset, epochs, batchSize, run, reporting } = options;
  const { train, validation } = dataset;
  const random = seededRandom(options.seed);
  const batches = Math.ceil(train.count / batchSize);
  const inOrder = Uint32Array.from({ length: validation.count }, (_, i) => i);
  let step = 0;

  for (let epoch = 0; epoch < epochs; epoch++) {
    const begun = performance.now();
    run.epochBegin({ epoch });
    const wanted = run.requested("learning_rate");
    if (wanted !== null) run.applied("learning_rate", setLearningRate(model, wanted), { epoch, step });
    const means = runningMeans();
    for (const [batch, indices] of slices(random.order(train.count), batchSize).entries()) {
      const metrics = await withBatch(train, indices, async (x, y) => pair(await model.trainOnBatch(x, y)));
      run.batchEnd({ epoch, step, batch }, { ...metrics });
      step += 1;
      reporting.at({ epoch, epochs, batch: batch + 1, batches, ...means.add(metrics, indices.length) });
      await options.breathe();
      if (options.shouldStop()) return "stopped";
    }

    const validationMeans = runningMeans();
    for (const [batch, indices] of slices(inOrder, batchSize).entries()) {
      const metrics = await withBatch(validation, indices, async (x, y) =>
        numbers(model.evaluate(x, y, { batchSize: indices.length })),
      );
      run.testBatchEnd({ epoch, batch }, { ...metrics });
      validationMeans.add(metrics, indices.length);
      await options.breathe();
      if (options.shouldStop()) return "stopped";
    }

    const { loss, accuracy } = means.all();
    const { loss: val_loss, accuracy: val_accuracy } = validationMeans.all();
    const seconds = (performance.now() - begun) / 1000;
    const logs = { loss, accuracy, val_loss, val_accuracy };
    run.epochEnd({ epoch, step: step - 1 }, { ...logs, seconds });
    reporting.say(`epoch ${epoch + 1}/${epochs}  ${figures(logs)}  ${seconds.toFixed(1)} s`);
  }
  return "finished";
}

function slices(order: Uint32Array, size: number): Uint32Array[] {
  return Array.from({ length: Math.ceil(order.length / size) }, (_, i) => order.subarray(i * size, (i + 1) * size));
}

/** Images scaled to 0..1 as [n, 28, 28, 1] and labels as [n, 10], for as long as they are used. */
async function withBatch<T>(
  images: Images,
  indices: Uint32Array,
  use: (x: Tensor, y: Tensor) => Promise<T>,
): Promise<T> {
  const pixels = new Float32Array(indices.length * PIXELS);
  const oneHot = new Float32Array(indices.length * 10);
  for (const [i, index] of indices.entries()) {
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      pixels[i * PIXELS + pixel] = images.pixels[index * PIXELS + pixel]! / 255;
    }
    oneHot[i * 10 + images.labels[index]!] = 1;
  }
  const x = tensor4d(pixels, [indices.length, SIDE, SIDE, 1]);
  const y = tensor2d(oneHot, [indices.length, 10]);
  try {
    return await use(x, y);
  } finally {
    x.dispose();
    y.dispose();
  }
}

function pair(values: number | number[]): Means {
  const [loss, accuracy] = values as [number, number];
  return { loss, accuracy };
}

function numbers(scalars: Tensor | Tensor[]): Means {
  return pair(
    [scalars].flat().map((scalar) => {
      const [value] = scalar.dataSync();
      scalar.dispose();
      return value!;
    }),
  );
}

/** Means over images: the last batch may be a small one. */
function runningMeans() {
  let images = 0;
  let loss = 0;
  let accuracy = 0;
  const all = (): Means => ({ loss: loss / images, accuracy: accuracy / images });
  return {
    all,
    add(metrics: Means, count: number): Means {
      images += count;
      loss += metrics.loss * count;
      accuracy += metrics.accuracy * count;
      return all();
    },
  };
}
