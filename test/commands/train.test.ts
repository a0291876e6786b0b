import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Received, type StandIn, standIn, until } from "../stand-ins/api.ts";
import { PROGRAM } from "./command-line.ts";

let api: StandIn;
let data: string;

beforeEach(async () => {
  api = await standIn();
  data = await mkdtemp(join(tmpdir(), "train-"));
  await writeFile(join(data, "endpoint.json"), JSON.stringify({ url: api.url, token: "secret" }));
});
afterEach(async () => {
  await api.close();
  await rm(data, { recursive: true });
});

const kinds = () => api.events.map(({ kind }) => kind);
const of = (kind: string) => api.events.filter((event) => event.kind === kind);

function command(...args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", PROGRAM, "train", ...args], {
    env: { ...process.env, INTEGRAVIZ_DATA: data },
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

test("--json prints how it ended to stdout, and nothing else there", async () => {
  const { output, ended } = command("--images", "20", "--epochs", "1", "--run", "r1", "--json");
  expect(await ended).toEqual([0, null]);
  expect(JSON.parse(output.out)).toMatchObject({
    run: "r1",
    status: "finished",
    ask: null,
    summary: { undelivered: 0 },
  });
  expect(output.err).toContain("epoch 1/1");
});

test("the command tells a mistake in one line and ends with 1", async () => {
  const { output, ended } = command("--epochs", "none");
  expect(await ended).toEqual([1, null]);
  expect(output).toEqual({
    out: "",
    err: "error: option '--epochs <n>' argument 'none' is invalid. Give a whole number from 1 to 100000.\n",
  });
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
  const end = (await kept()).find(({ kind }) => kind === "on_train_end");
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

async function kept(): Promise<Received[]> {
  const file = (await readdir(data)).find((name) => name.endsWith(".ndjson")) as string;
  const text = await readFile(join(data, file), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}
