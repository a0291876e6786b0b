import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type EndOptions, type Run, type Summary } from "../client/index.ts";
import { startBackend } from "./backend.ts";
import { convnet, DROPOUT } from "./convnet.ts";
import { generatedDigits } from "./digits.ts";
import { fitModel } from "./fit.ts";
import { type Dataset, hashOf } from "./images.ts";
import { mnist } from "./mnist.ts";
import type { Ask, TrainOptions } from "./options.ts";
import type { Reporting } from "./reporting.ts";

/** How a training ended. */
export interface TrainResult {
  run: string;
  status: "finished" | "stopped";
  /** Who asked it to stop; null where it finished. */
  ask: Ask | null;
  summary: Summary;
}

/** Batches of an epoch where no batch size is given. */
const BATCHES = 25;
/** So that the run is seen before its first batch takes the thread, ms. */
const FIRST_BREATH_MS = 200;

/**
 * Trains the convnet and sends what happens. A stop that is asked for takes effect after the batch
 * in hand. Rejects with a DatasetError before anything is sent where there is no data; what fails
 * later ends the run as failed.
 */
export async function train(options: TrainOptions, reporting: Reporting): Promise<TrainResult> {
  const { endpoint, epochs, learningRate, seed } = options;
  const dataset = await load(options);
  const backend = await startBackend();
  const batchSize = options.batchSize ?? Math.ceil(dataset.train.count / BATCHES);
  const model = convnet({ learningRate, seed });
  const client = connect({
    ...endpoint,
    project: options.project,
    drainOnExit: false,
    onWarn: (message) => reporting.say(message),
    ...options.client,
  });
  const run = client.run({
    id: options.run,
    name: options.name ?? `mnist_convnet ${new Date().toISOString().slice(0, 16).replace("T", " ")}`,
    tags: { model: "mnist_convnet", data: dataset.name },
    params: { ...paramsOf(options, dataset), batch_size: batchSize, weights: model.countParams(), backend },
  });
  const keep = () => keepUndelivered(client.undelivered(), run.id, options, reporting);
  const end = async (how: EndOptions): Promise<Summary> => {
    const summary = await run.end(how);
    keep();
    return summary;
  };
  // Whoever does not wait for the end, such as by a second Ctrl-C, shall not lose what it would
  // have sent.
  process.on("exit", keep);

  reporting.say(`run ${run.id} to ${endpoint.url}: ${dataset.train.count} images of ${dataset.name}, on ${backend}`);
  run.begin();
  await client.breathe(FIRST_BREATH_MS);
  try {
    const ask = () => askedBy(run, options);
    const breathe = () => client.breathe();
    const shouldStop = () => ask() !== null;
    const status = await fitModel({ model, dataset, epochs, batchSize, seed, run, breathe, reporting, shouldStop });
    const asked = status === "stopped" ? ask() : null;
    if (asked)
      reporting.say(`stopped: asked by ${asked.actor ?? "somebody"}, why: ${asked.reason ?? "no reason given"}`);
    return { run: run.id, status, ask: asked, summary: await end({ status, logs: { ...asked } }) };
  } catch (error) {
    await end({ status: "failed", logs: { error: String(error) } });
    throw error;
  } finally {
    process.off("exit", keep);
    client.close();
    model.dispose();
    model.optimizer.dispose();
  }
}

function paramsOf({ epochs, learningRate, seed }: TrainOptions, dataset: Dataset): Record<string, string | number> {
  return {
    epochs,
    learning_rate: learningRate,
    optimizer: "adam",
    dropout: DROPOUT,
    seed,
    train_images: dataset.train.count,
    validation_images: dataset.validation.count,
    data_sha256: hashOf(dataset),
  };
}

/** Says who asked for a stop: through the server, or on this machine. */
function askedBy(run: Run, { asked }: TrainOptions): (Ask & { stop_event_id?: string }) | null {
  const stop = run.stopRequested;
  if (stop) return { actor: stop.actor, reason: stop.reason, stop_event_id: stop.event_id };
  return asked?.() ?? null;
}

async function load({ mnist: source, images, seed }: TrainOptions): Promise<Dataset> {
  const validation = Math.round(images / 5);
  const count = { train: images - validation, validation };
  return source === undefined ? generatedDigits(count, seed) : mnist(source, count);
}

/**
 * Writes what could not be sent to a file, and tells how to send it. At once: the process may be
 * going.
 */
function keepUndelivered(
  lines: string,
  run: string,
  { endpoint, undelivered: folder }: TrainOptions,
  { say }: Reporting,
): void {
  if (lines === "") return;
  const file = join(folder, `undelivered-${run.replace(/[^\w.-]/g, "_")}.ndjson`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, lines);
    say(
      `${lines.split("\n").length - 1} events are kept; to send them: curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/x-ndjson" --data-binary @${file} ${endpoint.url}/v1/events`,
    );
  } catch (error) {
    say(`the events are lost: ${(error as Error).message}`);
  }
}
