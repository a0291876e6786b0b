import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Mistake } from "../../commands/terminal/mistake.ts";
import { HELP, readTrainOptions } from "../../commands/train-options.ts";
import { findEndpoint } from "../../trainer/client/endpoint.ts";

test("what is left out has a value that makes sense", () => {
  expect(readTrainOptions([])).toMatchObject({ epochs: 12, images: 2000, learningRate: 0.001, seed: 1 });
  expect(readTrainOptions(["--epochs", "3", "--learning-rate=1e-2", "--run", "r"])).toMatchObject({
    epochs: 3,
    learningRate: 0.01,
    run: "r",
  });
  expect(readTrainOptions(["-h"])).toBe("help");
  for (const option of Object.keys(readTrainOptions([]))) {
    expect(HELP).toContain(`--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  }
});

test.each([
  [["--epochs", "0"], '--epochs "0": give a whole number from 1 to 100000.'],
  [["--epochs", "2.5"], '--epochs "2.5": give a whole number'],
  [["--epochs", "many"], '--epochs "many"'],
  [["--images", "9"], '--images "9": give a whole number from 10'],
  [["--batch-size", "x"], '--batch-size "x"'],
  [["--learning-rate", "0"], '--learning-rate "0": give a number above 0'],
  [["--learning-rate", "NaN"], '--learning-rate "NaN"'],
  [["--seed=-1"], '--seed "-1"'],
  [["--name", ""], "--name is empty"],
  [["--epoch", "3"], "Unknown option '--epoch'. See --help."],
  [["three"], "Unexpected argument 'three'"],
  [["--url"], "'--url <value>' argument missing"],
])("%j is told with the fix", (args, says) => {
  expect(() => readTrainOptions(args)).toThrow(says);
  expect(() => readTrainOptions(args)).toThrow(Mistake);
});

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "endpoint-"));
});
afterEach(() => rm(data, { recursive: true }));

const stored = { url: "http://127.0.0.1:7300", token: "t", readToken: "r", sql: "postgres://" };

test("the endpoint is the one that is given, else the one npm start has written", async () => {
  await writeFile(join(data, "endpoint.json"), JSON.stringify(stored));
  expect(await findEndpoint({ data })).toEqual({ url: stored.url, token: "t" });
  expect(await findEndpoint({ data, token: "mine" })).toEqual({ url: stored.url, token: "mine" });
  const given = { url: "https://api.example.com/prod", token: "mine" };
  expect(await findEndpoint({ data, ...given })).toEqual(given);
});

test.each<[string, string | null, object, string]>([
  [
    "nowhere to send to",
    null,
    {},
    "Start the stack first (npm start), name its folder with --data, name a deployed one with --stack, or give --url and --token.",
  ],
  ["an address without a token", null, { url: "http://x" }, "--url needs --token"],
  ["an address that is none", null, { url: "x:1", token: "t" }, '--url: "x:1" is no address'],
  ["an empty token", null, { url: "http://x", token: " " }, "the token is empty"],
  ["a file that is no JSON", "{", {}, "has no url and token. Start the stack again"],
  ["a file without a token", '{"url":"http://x"}', {}, "has no url and token"],
])("%s is told with the fix", async (_what, file, options, says) => {
  if (file !== null) await writeFile(join(data, "endpoint.json"), file);
  const finding = findEndpoint({ data, ...options });
  await expect(finding).rejects.toThrow(says);
  await expect(finding).rejects.toBeInstanceOf(Mistake);
});
