import type { ClientOptions } from "../client/index.ts";

/** What a sample training is made with. */
export interface TrainOptions {
  /** Where its events go, and a token with ingest scope. */
  endpoint: { url: string; token: string };
  /** The project, which may be left out when the token is good for one. */
  project?: string | undefined;
  /** Id of the run. Default: made up. */
  run?: string | undefined;
  /** What people call the run. Default: the model and the time. */
  name?: string | undefined;
  epochs: number;
  /** Images in a batch. Default: such that an epoch has about 25 batches. */
  batchSize?: number | undefined;
  /** Images of training and validation together; a fifth validates. */
  images: number;
  learningRate: number;
  /** The same seed gives the same run. */
  seed: number;
  /** Folder or URL of MNIST's four files. Default: digits drawn by code. */
  mnist?: string | undefined;
  /** Folder for events that could not be sent. */
  undelivered: string;
  /** Says who on this machine asks the training to stop; null: nobody. Asked after each batch. */
  asked?: () => Ask | null;
  /** Client settings over the training's own, such as quicker ones for tests. */
  client?: Partial<ClientOptions>;
}

/** Who asked the training to stop, and why. */
export interface Ask {
  actor: string | null;
  reason: string | null;
}

/**
 * The options where they are left out. A training is as long as its epochs are many, and each as
 * long as it has images.
 */
export const TRAIN_DEFAULTS = {
  epochs: 12,
  images: 2_000,
  learningRate: 0.001,
  seed: 1,
} as const satisfies Partial<TrainOptions>;

/** The lowest and the highest of an option that are taken; MNIST has 70,000 images. */
export const TRAIN_BOUNDS = {
  epochs: [1, 100_000],
  images: [10, 70_000],
  batchSize: [1, 70_000],
  seed: [0, 1_000_000],
} as const satisfies Partial<Record<keyof TrainOptions, readonly [number, number]>>;
