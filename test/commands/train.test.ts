import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { memory } from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { train } from "../../commands/train.ts";
import { readTrainOptions, type TrainOptions } from "../../commands/train-options.ts";
import { type Received, type StandIn, standIn, until } from "../stand-ins/api.ts";

let api: StandIn;
let data: string;
let lines: string[];

beforeEach(async () => {
  api = await standIn();
  data = await mkdtemp(join(tmpdir(), "train-"));
  await writeFile(join(data, "endpoint.json"), JSON.stringify({ url: api.url, token: "secret" }));
  lines = [];
});
afterEach(async () => {
  await api.close();
  await rm(data, { recursive: true });
});

const options = (...args: string[]) => readTrainOptions(["--data", data, ...args]) as TrainOptions;
const context = () => ({
  progress: { at() {}, say: (line: string) => void lines.push(line) },
  client: { flushMs: 10, retryMs: 10, provenance: false },
});
const kinds = () => api.events.map(({ kind }) => kind);
const of = (kind: string) => api.events.filter((event) => event.kind === kind);

test("a small training arrives whole", async () => {
  const args = [
    "--images",
    "80",
    "--epochs",
    "2",
    "--batch-size",
    "20",
    "--run",
    "r1",
    "--name",
    "small",
    "--project",
    "p",
  ];
  const result = await train(options(...args), context());

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
    await train(options("--images", "40", "--epochs", "1", "--seed", "0", "--run", run), context());
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
  const args = ["--images", "400", "--batch-size", "8", "--epochs", "50", "--run", "r"];
  const result = await train(options(...args), context());

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
  const quick = { ...context(), client: { flushMs: 10, retryMs: 10, drainMs: 200 } };
  const result = await train(options("--images", "20", "--epochs", "1", "--run", "r/1"), quick);
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
  const { progress } = context();
  progress.at = () => {
    throw new Error("no more disk");
  };
  await expect(train(options("--images", "20"), { progress, client })).rejects.toThrow("no more disk");
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

const script = fileURLToPath(new URL("../../commands/train.ts", import.meta.url));

function command(...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", script, "--data", data, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const output = { out: "", err: "" };
  child.stdout!.on("data", (chunk) => (output.out += chunk));
  child.stderr!.on("data", (chunk) => (output.err += chunk));
  return { child, output, ended: once(child, "close") as Promise<[number | null, string | null]> };
}

test("the command prints a line per epoch and ends with 0", async () => {
  const { output, ended } = command("--images", "40", "--epochs", "2");
  expect(await ended).toEqual([0, null]);
  expect(output.err).toBe("");
  expect(output.out.trim().split("\n")).toEqual([
    expect.stringContaining(`to ${api.url}: 32 images of generated digits, on`),
    expect.stringMatching(/^epoch 1\/2 {2}loss \d\.\d{3} {2}accuracy 0\.\d{3} {2}val_loss/),
    expect.stringMatching(/^epoch 2\/2 {2}loss/),
  ]);
});

test("the command tells a mistake in one line and ends with 1", async () => {
  const { output, ended } = command("--epochs", "none");
  expect(await ended).toEqual([1, null]);
  expect(output).toEqual({ out: "", err: '--epochs "none": give a whole number from 1 to 100000.\n' });
});

test("SIGINT ends the command's run as stopped", async () => {
  const { child, ended } = command("--epochs", "100");
  await until(() => kinds().includes("on_train_batch_end"), "it trains", 20_000);
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(of("on_train_end")[0]!.logs).toEqual({ status: "stopped", actor: "terminal", reason: "SIGINT" });
});

test("a second SIGINT ends the command at once, and what was not sent is kept", async () => {
  const { child, output, ended } = command("--epochs", "100");
  await until(() => kinds().includes("on_train_batch_end"), "it trains", 20_000);
  await api.goDown();
  child.kill("SIGINT");
  await until(() => output.out.includes("stopped: asked by terminal"), "it stops", 20_000);
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  // What says where the run comes from may stand behind its end.
  const end = (await kept()).events.find(({ kind }) => kind === "on_train_end");
  expect(end).toMatchObject({ logs: { status: "stopped" } });
});

test("the command's run ends with the process that started it", async () => {
  const { child } = command("--epochs", "100");
  await until(() => kinds().includes("on_train_batch_end"), "it trains", 20_000);
  // After a disconnect Node 20 tells of no "close".
  const exited = once(child, "exit");
  child.disconnect();
  expect(await exited).toEqual([0, null]);
  expect(of("on_train_end")[0]!.logs).toMatchObject({
    status: "stopped",
    reason: "the process that started the training has ended",
  });
});
