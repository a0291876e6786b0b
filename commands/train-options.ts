import { parseArgs } from "node:util";
import { Mistake } from "./terminal/mistake.ts";

export interface TrainOptions {
  epochs: number;
  /** Images in a batch; undefined: such that an epoch has about 25. */
  batchSize: number | undefined;
  /** Of training and validation together. */
  images: number;
  learningRate: number;
  seed: number;
  name: string | undefined;
  project: string | undefined;
  /** The id of the run. */
  run: string | undefined;
  url: string | undefined;
  token: string | undefined;
  /** A deployed stack, whose outputs say where to. */
  stack: string | undefined;
  /** The data folder of `npm start`. */
  data: string | undefined;
  /** Folder or URL of MNIST's files; undefined: generated digits. */
  mnist: string | undefined;
}

export const HELP = `Trains the MNIST convnet and sends what happens to Integraviz.

  npm run train -- [options]

Where to
  --url URL --token TOKEN   the API and a token with ingest scope
  --stack NAME              or a stack that pulumi up has brought up (reads its outputs)
  --data DIR                or the data folder of npm start (.integraviz)
  --project NAME            the project, when the token is good for several
  --run ID                  the id of the run (made up)
  --name TEXT               what people call the run

What
  --mnist DIR|URL           the four files of MNIST, or others of their kind; without it, digits drawn by code
  --images N                images to use, a fifth of them for validation (2000)
  --epochs N                (12)
  --batch-size N            (so that an epoch has about 25 batches)
  --learning-rate X         (0.001)
  --seed N                  same seed, same run (1)

It computes on WebAssembly, or on native TensorFlow where that is installed and works (Node 22 or older):
  npm i --no-save @tensorflow/tfjs-node@4.22.0
`;

/** Options from the command line, or "help". Throws a Mistake that names the option and the fix. */
export function readTrainOptions(args: string[]): TrainOptions | "help" {
  const text = { type: "string" } as const;
  const values = parsed(() =>
    parseArgs({
      args,
      options: {
        epochs: text,
        "batch-size": text,
        images: text,
        "learning-rate": text,
        seed: text,
        name: text,
        project: text,
        run: text,
        url: text,
        token: text,
        stack: text,
        data: text,
        mnist: text,
        help: { type: "boolean", short: "h" },
      },
    }),
  ).values;
  if (values.help) return "help";
  for (const [option, value] of Object.entries(values)) {
    if (value === "") throw new Mistake(`--${option} is empty: give it a value or leave it out.`);
  }
  const batchSize = values["batch-size"];
  return {
    epochs: whole("epochs", values.epochs ?? "12", 1, 100_000),
    batchSize: batchSize === undefined ? undefined : whole("batch-size", batchSize, 1, 70_000),
    images: whole("images", values.images ?? "2000", 10, 70_000),
    learningRate: positive("learning-rate", values["learning-rate"] ?? "0.001"),
    seed: whole("seed", values.seed ?? "1", 0, 1_000_000),
    name: values.name,
    project: values.project,
    run: values.run,
    url: values.url,
    token: values.token,
    stack: values.stack,
    data: values.data,
    mnist: values.mnist,
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Mistake(`${(error as Error).message.split(". To ")[0]}. See --help.`);
  }
}

function whole(option: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= low && value <= high) return value;
  throw new Mistake(`--${option} ${JSON.stringify(text)}: give a whole number from ${low} to ${high}.`);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new Mistake(`--${option} ${JSON.stringify(text)}: give a number above 0, such as 0.001.`);
}
