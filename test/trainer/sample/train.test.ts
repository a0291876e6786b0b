import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memory } from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TRAIN_DEFAULTS, type TrainOptions } from "../../../trainer/sample/options.ts";
import { train } from "../../../trainer/sample/train.ts";
import { type Received, type StandIn, standIn } from "../../stand-ins/api.ts";

let api: StandIn;
let data: string;
let lines: string[];

beforeEach(async () => {
  api = await standIn();
  data = await mkdtemp(join(tmpdir(), "train-"));
  lines = [];
});
afterEach(async () => {
  await api.close();
  await rm(data, { recursive: true });
});

const options = (chosen: Partial<TrainOptions>): TrainOptions => ({
  ...TRAIN_DEFAULTS,
  endpoint: { url: api.url, token: "secret" },
  undelivered: data,
  client: { flushMs: 10, retryMs: 10, provenance: false },
  ...chosen,
});
const reporting = () => ({ at() {}, say: (line: string) => void lines.push(line) });
const kinds = () => api.events.map(({ kind }) => kind);
const of = (kind: string) => api.events.filter((event) => event.kind === kind);

test("another learning rate is taken when an epoch begins", async () => {
  api.adjust("r1", "learning_rate", 0);
  await train(options({ images: 80, epochs: 3, batchSize: 20, run: "r1" }), reporting());
  expect(of("adjust_applied")).toMatchObject([{ logs: { name: "learning_rate", value: 0, applied: 0 } }]);
  const losses = of("on_epoch_end").map(({ logs }) => logs?.val_loss);
  expect(losses[2]).toBe(losses[1]);
});

test("a small training arrives whole", async () => {
  const chosen = { images: 80, epochs: 2, batchSize: 20, run: "r1", name: "small", project: "p" };
  const result = await train(options(chosen), reporting());

  expect(result).toMatchObject({ run: "r1", status: "finished", ask: null });
  expect(result.summary).toEqual({ delivered: api.events.length, dropped: 0, refused: 0, undelivered: 0 });
  // 64 images in batches of 20, and 16 for validation.
  const epoch = ["on_epoch_begin", ...Array(4).fill("on_train_batch_end"), "on_test_batch_end", "on_epoch_end"];
  expect(kinds().filter((kind) => kind !== "heartbeat")).toEqual([
    "on_train_begin",
    "params",
    "tags",
    ...epoch,
    ...epoch,
    "on_train_end",
  ]);
  expect(of("params")[0]!.logs).toMatchObject({
    epochs: 2,
    batch_size: 20,
    learning_rate: 0.001,
    train_images: 64,
    validation_images: 16,
    weights: 34826,
    data_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(of("tags")[0]!.logs).toEqual({ name: "small", model: "mnist_convnet", data: "generated digits" });
  expect(of("on_train_batch_end").map(({ epoch, batch, step }) => [epoch, batch, step])).toEqual([
    [0, 0, 0],
    [0, 1, 1],
    [0, 2, 2],
    [0, 3, 3],
    [1, 0, 4],
    [1, 1, 5],
    [1, 2, 6],
    [1, 3, 7],
  ]);
  const batches = of("on_train_batch_end").slice(0, 4);
  const { logs } = of("on_epoch_end")[0]!;
  const weighted = batches.reduce((sum, { logs }, i) => sum + (logs!.loss as number) * [20, 20, 20, 4][i]!, 0) / 64;
  expect(logs!.loss).toBeCloseTo(weighted, 10);
  expect(Object.keys(logs!)).toEqual(["loss", "accuracy", "val_loss", "val_accuracy", "seconds"]);
  expect(of("on_train_end")[0]!.logs).toEqual({ status: "finished" });
  expect(new Set(api.events.map(({ project }) => project))).toEqual(new Set(["p"]));
});

test("the same seed trains the same, and nothing is left in memory", async () => {
  const losses: unknown[] = [];
  const tensors: number[] = [];
  for (const run of ["a", "b"]) {
    await train(options({ images: 40, epochs: 1, seed: 0, run }), reporting());
    losses.push(of("on_epoch_end").at(-1)!.logs!.val_loss);
    tensors.push(memory().numTensors);
  }
  expect(losses[0]).toBe(losses[1]);
  expect(tensors[1]).toBe(tensors[0]);
});

test.each(["on_train_batch_end", "on_test_batch_end"])("a stop asked for at %s ends the run there", async (kind) => {
  const { decide } = api;
  api.decide = (events) => {
    if (events.some((event) => event.kind === kind)) api.stop("r", "loss is flat");
    return decide(events);
  };
  const result = await train(options({ images: 400, batchSize: 8, epochs: 50, run: "r" }), reporting());

  expect(result).toMatchObject({ status: "stopped", ask: { actor: "ana", reason: "loss is flat" } });
  expect(of("on_train_end")[0]!.logs).toEqual({
    status: "stopped",
    actor: "ana",
    reason: "loss is flat",
    stop_event_id: "stop-0",
  });
  // 40 batches of training in an epoch, 10 of validation: it stops long before either is through.
  expect(of(kind).length).toBeLessThan(9);
  expect(of("on_epoch_end")).toEqual([]);
  expect(lines.at(-1)).toBe("stopped: asked by ana, why: loss is flat");
});

test("without a server the training goes through, and its events are kept in a file", async () => {
  await api.goDown();
  const client = { flushMs: 10, retryMs: 10, drainMs: 200 };
  const result = await train(options({ images: 20, epochs: 1, run: "r/1", client }), reporting());
  expect(result.status).toBe("finished");
  expect(result.summary.delivered).toBe(0);
  const { file, events } = await kept();
  expect(file).toBe("undelivered-r_1.ndjson");
  expect(events.length).toBe(result.summary.undelivered);
  expect([events[0]!.kind, events.at(-1)!.kind]).toEqual(["on_train_begin", "on_train_end"]);
  expect(lines.at(-1)).toContain(`${events.length} events are kept; to send them: curl`);
  expect(lines.at(-1)).toContain(`--data-binary @${join(data, file)} ${api.url}/v1/events`);
});

test("of a training that fails without a server the events are kept too", async () => {
  await api.goDown();
  const client = { flushMs: 10, retryMs: 10, drainMs: 200, provenance: false };
  const at = () => {
    throw new Error("no more disk");
  };
  await expect(train(options({ images: 20, client }), { ...reporting(), at })).rejects.toThrow("no more disk");
  expect((await kept()).events.at(-1)).toMatchObject({
    kind: "on_train_end",
    logs: { status: "failed", error: "Error: no more disk" },
  });
});

/** What stands in the data folder for later. */
async function kept(): Promise<{ file: string; events: Received[] }> {
  const file = (await readdir(data)).find((name) => name.endsWith(".ndjson"))!;
  const text = await readFile(join(data, file), "utf8");
  const events = text.trim().split("\n");
  return { file, events: events.map((line) => JSON.parse(line)) };
}
