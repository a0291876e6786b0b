import { constants, setPriority } from "node:os";
import { Command, Option } from "@commander-js/extra-typings";
import { type Ask, TRAIN_BOUNDS, TRAIN_DEFAULTS } from "../trainer/sample/options.ts";
import { figures, type Reporting } from "../trainer/sample/reporting.ts";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { onNpmGone } from "./terminal/parent.ts";
import { progressBar } from "./terminal/progress-bar.ts";
import { positiveNumber, someText, wholeNumber } from "./terminal/values.ts";

export const train = new Command("train")
  .summary("run the sample training and send what happens")
  .description("Trains the MNIST convnet and sends what happens to Integraviz.")
  .optionsGroup("Where to:")
  .addOption(new Option("--url <url>", "the API; needs --token").argParser(someText))
  .addOption(new Option("--token <token>", "a token with ingest scope").argParser(someText))
  .addOption(new Option("--stack <name>", "or a stack that pulumi up has brought up").argParser(someText))
  .addOption(dataOption("or the data folder of integraviz start"))
  .addOption(new Option("--project <name>", "the project, when the token is good for several").argParser(someText))
  .addOption(new Option("--run <id>", "id of the run (default: made up)").argParser(someText))
  .addOption(new Option("--name <text>", "what people call the run (default: model and time)").argParser(someText))
  .optionsGroup("What:")
  .addOption(
    new Option(
      "--mnist <dir|url>",
      "MNIST's four files, or others of their kind (default: digits drawn by code)",
    ).argParser(someText),
  )
  .addOption(
    new Option("--images <n>", "images to use, a fifth of them for validation")
      .argParser(wholeNumber(...TRAIN_BOUNDS.images))
      .default(TRAIN_DEFAULTS.images),
  )
  .addOption(new Option("--epochs <n>").argParser(wholeNumber(...TRAIN_BOUNDS.epochs)).default(TRAIN_DEFAULTS.epochs))
  .addOption(
    new Option("--batch-size <n>", "images in a batch (default: about 25 batches an epoch)").argParser(
      wholeNumber(...TRAIN_BOUNDS.batchSize),
    ),
  )
  .addOption(new Option("--learning-rate <x>").argParser(positiveNumber).default(TRAIN_DEFAULTS.learningRate))
  .addOption(
    new Option("--seed <n>", "the same seed gives the same run")
      .argParser(wholeNumber(...TRAIN_BOUNDS.seed))
      .default(TRAIN_DEFAULTS.seed),
  )
  .optionsGroup("Options:")
  .addOption(jsonOption("print how it ended as JSON; what happens meanwhile goes to stderr"))
  .addHelpText(
    "after",
    examples(
      ["integraviz train", "to integraviz start on this machine"],
      ["integraviz train --epochs 3 --learning-rate 0.01", "a shorter one with larger steps"],
      ["integraviz train --mnist ~/mnist --stack aws", "the real images, to a deployed stack"],
    ),
  )
  .addHelpText(
    "after",
    `
It computes on WebAssembly, or on native TensorFlow where that is installed (Node 22 or older):
  npm install --no-save @tensorflow/tfjs-node`,
  )
  .action(async ({ url, token, stack, data, json, ...what }) => {
    const { findEndpoint } = await import("../operations/addresses/endpoint.ts");
    const endpoint = await findEndpoint({ url, token, stack, data });
    const stop = stopBySignal();
    const { train } = await import("../trainer/sample/train.ts");
    // The server and the page come first.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
    const result = await train(
      { ...what, endpoint, undelivered: data, asked: stop.asked },
      reporting(json ? process.stderr : process.stdout),
    );
    if (json) printJson(result);
    if (result.status === "stopped") process.exitCode = stop.exitCode();
  });

function reporting(out: NodeJS.WriteStream): Reporting {
  const bar = progressBar(out);
  return {
    at: ({ epoch, epochs, batch, batches, loss, accuracy }) =>
      bar.at(batch, batches, `epoch ${epoch + 1}/${epochs}`, figures({ loss, accuracy })),
    say: bar.say,
  };
}

/** Turns Ctrl-C, a closed terminal and the end of whoever started this into a wish to stop. */
function stopBySignal(): { asked(): Ask | null; exitCode(): number } {
  let ask: Ask | null = null;
  let signalled: NodeJS.Signals | null = null;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // A second one is from somebody who does not want to wait; SIGHUP follows when the terminal
      // goes too.
      if (signalled && signal !== "SIGHUP") process.exit(128 + constants.signals[signal]);
      signalled = signal;
      ask = { actor: "terminal", reason: signal };
    });
  }
  const alone = () => {
    ask ??= { actor: "terminal", reason: "the process that started the training has ended" };
  };
  onNpmGone(alone);
  if (process.channel) {
    process.once("disconnect", alone);
    process.channel.unref();
  }
  return { asked: () => ask, exitCode: () => (signalled === null ? 0 : 128 + constants.signals[signalled]) };
}
