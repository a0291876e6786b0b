import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DatasetError } from "../../../trainer/sample/dataset-error.ts";
import { generatedDigits } from "../../../trainer/sample/digits.ts";
import { first, hashOf, PIXELS } from "../../../trainer/sample/images.ts";
import { idxImages, mnist } from "../../../trainer/sample/mnist.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mnist-"));
});
afterEach(() => rm(folder, { recursive: true }));

function idx(magic: number, sizes: number[], fill: (i: number) => number): Buffer {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head.writeUInt32BE(magic);
  for (const [i, size] of sizes.entries()) head.writeUInt32BE(size, 4 + 4 * i);
  const body = Buffer.from(Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, (_, i) => fill(i) & 255));
  return Buffer.concat([head, body]);
}

const images = (count: number) => idx(0x803, [count, 28, 28], (i) => i * 7);
const labels = (count: number) => idx(0x801, [count], (i) => i % 10);

const files = {
  "train-images-idx3-ubyte.gz": gzipSync(images(12)),
  "train-labels-idx1-ubyte.gz": gzipSync(labels(12)),
  "t10k-images.idx3-ubyte": images(5),
  "t10k-labels-idx1-ubyte": labels(5),
};

async function put(change: Record<string, Buffer | null> = {}): Promise<void> {
  for (const [name, bytes] of Object.entries({ ...files, ...change })) {
    if (bytes) await writeFile(join(folder, name), bytes);
  }
}

test("MNIST is read from a folder, gzipped or not, under both names its files go by", async () => {
  await put();
  const set = await mnist(folder, { train: 10, validation: 99 });
  expect([set.train.count, set.validation.count]).toEqual([10, 5]);
  expect(set.train.pixels.length).toBe(10 * PIXELS);
  expect([...set.train.pixels.subarray(0, 4)]).toEqual([0, 7, 14, 21]);
  expect([...set.train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("only MNIST's own bytes are called MNIST: other sets come in files of the same names and shape", async () => {
  const contents = [images(12), labels(12), images(5), labels(5)];
  const known = new Set(contents.map((bytes) => createHash("sha256").update(bytes).digest("hex")));
  await put();
  expect((await mnist(folder, { train: 1, validation: 1 }, known)).name).toBe("MNIST");
  expect((await mnist(folder, { train: 1, validation: 1 })).name).toBe(`images of ${folder}`);
  await put({ "t10k-labels-idx1-ubyte": idx(0x801, [5], () => 3) });
  expect((await mnist(folder, { train: 1, validation: 1 }, known)).name).toBe(`images of ${folder}`);
});

test("MNIST is read from below a URL", async () => {
  const server = createServer((request, response) => {
    const bytes = (files as Record<string, Buffer>)[(request.url ?? "").replace("/sets/mnist/", "")];
    response.writeHead(bytes ? 200 : 404).end(bytes);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sets/mnist/`;
  const set = await mnist(url, { train: 12, validation: 5 });
  expect([set.name, set.train.count]).toEqual([`images of ${url}`, 12]);
  await expect(mnist(url.replace("sets", "other"), { train: 1, validation: 1 })).rejects.toThrow(
    /has no train-images-idx3-ubyte\.gz, no train-images-idx3-ubyte, .*Give --mnist the folder or the URL/,
  );
  server.close();
  await new Promise((resolve) => server.once("close", resolve));
  await expect(mnist(url, { train: 1, validation: 1 })).rejects.toThrow(
    /cannot be fetched: (ECONNREFUSED|UND_ERR_SOCKET)/,
  );
});

test.each<[string, Record<string, Buffer | null>, RegExp]>([
  ["a missing file", { "t10k-labels-idx1-ubyte": null }, /has no t10k-labels-idx1-ubyte\.gz/],
  [
    "labels in the place of images",
    { "t10k-images.idx3-ubyte": labels(5) },
    /t10k-images.*begins with 0x00000801, not with 0x00000803|too few/,
  ],
  [
    "a file that was cut off",
    { "t10k-images.idx3-ubyte": images(5).subarray(0, 900) },
    /900 bytes, but its header asks for 3936/,
  ],
  [
    "gzip that was cut off",
    { "train-labels-idx1-ubyte.gz": gzipSync(labels(12)).subarray(0, 15) },
    /cannot be inflated/,
  ],
  ["an empty file", { "t10k-labels-idx1-ubyte": Buffer.alloc(0) }, /0 bytes, too few/],
  ["no images", { "t10k-images.idx3-ubyte": images(0) }, /is empty/],
  [
    "a page in the place of a file",
    { "t10k-images.idx3-ubyte": Buffer.from("<!doctype html>".repeat(9)) },
    /begins with 0x3c21646f/,
  ],
  ["another number of labels", { "t10k-labels-idx1-ubyte": labels(4) }, /has 5 images, but .* has 4 labels/],
  ["other digits", { "t10k-labels-idx1-ubyte": idx(0x801, [5], () => 26) }, /label 26 at 0: a digit is 0 to 9/],
  ["images of another size", { "t10k-images.idx3-ubyte": idx(0x803, [5, 32, 32], () => 0) }, /32 x 32, not 28 x 28/],
])("%s is told", async (_what, change, says) => {
  await put(change);
  if (Object.values(change).includes(null)) await rm(join(folder, Object.keys(change)[0]!), { force: true });
  const reading = mnist(folder, { train: 10, validation: 5 });
  await expect(reading).rejects.toThrow(says);
  await expect(reading).rejects.toBeInstanceOf(DatasetError);
});

test("an IDX pair is checked as bytes, wherever they lie in memory", () => {
  const shifted = Buffer.concat([Buffer.alloc(3), images(2)]).subarray(3);
  expect(idxImages({ name: "i", bytes: shifted }, { name: "l", bytes: labels(2) }).count).toBe(2);
});

test("generated digits are the same for the same seed, and others for another", () => {
  const count = { train: 60, validation: 20 };
  const set = generatedDigits(count, 1);
  expect(hashOf(set)).toBe(hashOf(generatedDigits(count, 1)));
  expect(hashOf(set)).not.toBe(hashOf(generatedDigits(count, 2)));
  // On every machine: a param of the run promises it.
  expect(hashOf(set)).toBe("d37c064a68a31fd140c435bcfa62e71043f45f8df8fddd222cb19957d6245e68");
  expect(set.name).toBe("generated digits");
});

test("generated digits are ten kinds of ink on paper", () => {
  const { train, validation } = generatedDigits({ train: 500, validation: 100 }, 3);
  expect([train.pixels.length, validation.labels.length]).toEqual([500 * PIXELS, 100]);
  const perDigit = Array.from({ length: 10 }, (_, digit) => train.labels.filter((label) => label === digit).length);
  expect(Math.min(...perDigit)).toBeGreaterThan(25);
  const inks = Array.from({ length: 500 }, (_, i) => {
    const image = train.pixels.subarray(i * PIXELS, (i + 1) * PIXELS);
    return image.filter((pixel) => pixel > 100).length / PIXELS;
  });
  expect(Math.min(...inks)).toBeGreaterThan(0.01);
  expect(Math.max(...inks)).toBeLessThan(0.5);
});

test("the first images of a set share its memory", () => {
  const { train } = generatedDigits({ train: 5, validation: 1 }, 1);
  expect(first(train, 9)).toBe(train);
  expect(first(train, 2)).toMatchObject({ count: 2, labels: train.labels.subarray(0, 2) });
});
