import { mkdirSync, writeFileSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DATA_FOLDER, type Endpoint, findEndpoint } from "../trainer/client/endpoint.ts";
import { type ClientOptions, connect, type EndOptions, type Summary } from "../trainer/client/index.ts";
import { startBackend } from "../trainer/sample/backend.ts";
import { convnet, DROPOUT } from "../trainer/sample/convnet.ts";
import { generatedDigits } from "../trainer/sample/digits.ts";
import { fitModel } from "../trainer/sample/fit.ts";
import { type Dataset, hashOf } from "../trainer/sample/images.ts";
import { mnist } from "../trainer/sample/mnist.ts";
import { Mistake } from "./terminal/mistake.ts";
import { type Progress, showProgress } from "./terminal/progress.ts";
import { HELP, readTrainOptions, type TrainOptions } from "./train-options.ts";

/** Who asked the training to stop, and why. */
export interface Ask {
  actor: string | null;
  reason: string | null;
}

export interface TrainContext {
  progress: Progress;
  /** Somebody on this machine wants it to stop. */
  asked?: () => Ask | null;
  /** For tests: quicker clients. */
  client?: Partial<ClientOptions>;
}

export interface TrainResult {
  run: string;
  status: "finished" | "stopped";
  /** When stopped. */
  ask: Ask | null;
  summary: Summary;
}

/**
 * Trains the convnet and sends what happens. A stop that is asked for takes effect after the batch in hand. Rejects with
 * a Mistake before anything is sent when there is nowhere to send to or no data; what fails later ends the run as failed.
 */
export async function train(options: TrainOptions, context: TrainContext): Promise<TrainResult> {
  const { progress } = context;
  const endpoint = await findEndpoint(options);
  const dataset = await load(options);
  const backend = await startBackend();
  const { epochs, learningRate, seed } = options;
  const batchSize = options.batchSize ?? Math.ceil(dataset.train.count / 25);
  const model = convnet({ learningRate, seed });

  const client = connect({
    ...endpoint,
    project: options.project,
    drainOnExit: false,
    onWarn: (message) => progress.say(message),
    ...context.client,
  });
  const run = client.run({
    id: options.run,
    name: options.name ?? `mnist_convnet ${new Date().toISOString().slice(0, 16).replace("T", " ")}`,
    tags: { model: "mnist_convnet", data: dataset.name },
    params: {
      epochs,
      batch_size: batchSize,
      learning_rate: learningRate,
      optimizer: "adam",
      dropout: DROPOUT,
      seed,
      weights: model.countParams(),
      train_images: dataset.train.count,
      validation_images: dataset.validation.count,
      data_sha256: hashOf(dataset),
      backend,
    },
  });
  const ask = (): (Ask & { stop_event_id?: string }) | null => {
    const stop = run.stopRequested;
    if (stop) return { actor: stop.actor, reason: stop.reason, stop_event_id: stop.event_id };
    return context.asked?.() ?? null;
  };

  const keepUndelivered = () => keep(client.undelivered(), run.id, endpoint, options, progress);
  const end = async (how: EndOptions): Promise<Summary> => {
    const summary = await run.end(how);
    keepUndelivered();
    return summary;
  };
  // Whoever does not wait for the end, such as by a second Ctrl-C, shall not lose what it would have sent.
  process.on("exit", keepUndelivered);

  progress.say(`run ${run.id} to ${endpoint.url}: ${dataset.train.count} images of ${dataset.name}, on ${backend}`);
  run.begin();
  // The run is seen before its first batch takes the thread.
  await client.breathe(200);
  try {
    const breathe = () => client.breathe();
    const status = await fitModel({
      model,
      dataset,
      epochs,
      batchSize,
      seed,
      run,
      breathe,
      progress,
      shouldStop: () => ask() !== null,
    });
    const asked = status === "stopped" ? ask() : null;
    if (asked)
      progress.say(`stopped: asked by ${asked.actor ?? "somebody"}, why: ${asked.reason ?? "no reason given"}`);
    const summary = await end({ status, logs: { ...asked } });
    return { run: run.id, status, ask: asked, summary };
  } catch (error) {
    await end({ status: "failed", logs: { error: String(error) } });
    throw error;
  } finally {
    process.off("exit", keepUndelivered);
    client.close();
    model.dispose();
    model.optimizer.dispose();
  }
}

async function load({ mnist: source, images, seed }: TrainOptions): Promise<Dataset> {
  const validation = Math.round(images / 5);
  const count = { train: images - validation, validation };
  return source === undefined ? generatedDigits(count, seed) : mnist(source, count);
}

/** What could not be sent is put beside the other data, with the way to send it. At once: the process may be going. */
function keep(lines: string, run: string, { url }: Endpoint, { data }: TrainOptions, progress: Progress): void {
  if (lines === "") return;
  const folder = data ?? DATA_FOLDER;
  const file = join(folder, `undelivered-${run.replace(/[^\w.-]/g, "_")}.ndjson`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, lines);
    progress.say(
      `${lines.split("\n").length - 1} events are kept; to send them: curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/x-ndjson" --data-binary @${file} ${url}/v1/events`,
    );
  } catch (error) {
    progress.say(`the events are lost: ${(error as Error).message}`);
  }
}

/** The command. Resolves to the exit code. */
async function main(): Promise<number> {
  const progress = showProgress(process.stdout);
  let ask: Ask | null = null;
  let signalled: NodeJS.Signals | null = null;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // A second one is from somebody who does not want to wait; SIGHUP follows when the terminal goes too.
      if (signalled && signal !== "SIGHUP") process.exit(128 + constants.signals[signal]);
      signalled = signal;
      ask = { actor: "terminal", reason: signal };
    });
  }
  if (process.channel) {
    process.once("disconnect", () => {
      ask ??= { actor: "terminal", reason: "the process that started the training has ended" };
    });
    process.channel.unref();
  }
  try {
    const options = readTrainOptions(process.argv.slice(2));
    if (options === "help") {
      process.stdout.write(HELP);
      return 0;
    }
    // The server and the page come first.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
    const { status } = await train(options, { progress, asked: () => ask });
    return status === "stopped" && signalled ? 128 + constants.signals[signalled as NodeJS.Signals] : 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Mistake ? error.message : (error as Error).stack}\n`);
    return 1;
  }
}

const script = process.argv[1];
if (script !== undefined && (await realpath(script).catch(() => "")) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main();
}
