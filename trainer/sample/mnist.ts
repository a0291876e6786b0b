import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { maskSecrets } from "../client/provenance.ts";
import { DatasetError } from "./dataset-error.ts";
import { type Dataset, first, type Images, PIXELS, SIDE } from "./images.ts";

const inflate = promisify(gunzip);
/** The largest file of MNIST has 47 MB; whatever is larger is something else. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAGIC = { images: 0x0803, labels: 0x0801 } as const;

/** SHA-256 of MNIST's files, not gzipped. */
const MNIST_SHA256: ReadonlySet<string> = new Set([
  "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
]);

/**
 * MNIST (LeCun, Cortes, Burges: yann.lecun.com/exdb/mnist) from its four IDX files, gzipped or not,
 * in a folder or below a URL: train-images-idx3-ubyte, train-labels-idx1-ubyte,
 * t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte. The first images of each part. Other sets come in
 * files of the same names and shape (Fashion-MNIST, Kuzushiji-MNIST): what has not MNIST's bytes is
 * named after its source. Throws a DatasetError that names the file where one is missing or not
 * what it should be.
 */
export async function mnist(
  source: string,
  count: { train: number; validation: number },
  known: ReadonlySet<string> = MNIST_SHA256,
): Promise<Dataset> {
  let isMnist = true;
  const file = async (stem: string, type: string): Promise<IdxFile> => {
    const loaded = await load(source, stem, type);
    isMnist &&= known.has(createHash("sha256").update(loaded.bytes).digest("hex"));
    return loaded;
  };
  const part = async (prefix: "train" | "t10k", most: number): Promise<Images> => {
    const images = await file(`${prefix}-images`, "idx3-ubyte");
    const labels = await file(`${prefix}-labels`, "idx1-ubyte");
    return first(idxImages(images, labels), most);
  };
  const train = await part("train", count.train);
  const validation = await part("t10k", count.validation);
  return { name: isMnist ? "MNIST" : `images of ${maskSecrets([source])}`, train, validation };
}

export interface IdxFile {
  /** For messages. */
  name: string;
  bytes: Uint8Array;
}

/**
 * Images and labels from the bytes of two IDX files. Throws a DatasetError where magic, size, shape
 * or labels are not MNIST's.
 */
export function idxImages(images: IdxFile, labels: IdxFile): Images {
  const [count, rows, columns] = idxHeader(images, MAGIC.images, 3) as [number, number, number];
  if (rows !== SIDE || columns !== SIDE) {
    throw new DatasetError(
      `${images.name} has images of ${rows} x ${columns}, not ${SIDE} x ${SIDE}: this is not MNIST.`,
    );
  }
  const [labelCount] = idxHeader(labels, MAGIC.labels, 1) as [number];
  if (labelCount !== count) {
    throw new DatasetError(
      `${images.name} has ${count} images, but ${labels.name} has ${labelCount} labels: take both from the same set.`,
    );
  }
  const values = labels.bytes.subarray(8);
  const odd = values.findIndex((label) => label > 9);
  if (odd >= 0) throw new DatasetError(`${labels.name} has the label ${values[odd]} at ${odd}: a digit is 0 to 9.`);
  return { count, pixels: images.bytes.subarray(16, 16 + count * PIXELS), labels: values };
}

/** Sizes by dimension, after magic and length were checked. */
function idxHeader({ name, bytes }: IdxFile, magic: number, dimensions: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = 4 + 4 * dimensions;
  if (bytes.length < head)
    throw new DatasetError(`${name} has ${bytes.length} bytes, too few for an IDX file: get it again.`);
  const found = view.getUint32(0);
  if (found !== magic) {
    const hex = (value: number) => `0x${value.toString(16).padStart(8, "0")}`;
    throw new DatasetError(
      `${name} begins with ${hex(found)}, not with ${hex(magic)}: it is not the IDX file it should be.`,
    );
  }
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = head + sizes.reduce((product, size) => product * size, 1);
  if (bytes.length !== expected) {
    throw new DatasetError(
      `${name} has ${bytes.length} bytes, but its header asks for ${expected}: it was cut off or changed, get it again.`,
    );
  }
  if (sizes[0] === 0) throw new DatasetError(`${name} is empty: get it again.`);
  return sizes;
}

async function load(source: string, stem: string, type: string): Promise<IdxFile> {
  const tried: string[] = [];
  for (const name of [`${stem}-${type}`, `${stem}.${type}`]) {
    for (const file of [`${name}.gz`, name]) {
      tried.push(file);
      const bytes = await (isUrl(source) ? download(source, file) : read(source, file));
      if (bytes) return { name: file, bytes: await plain(file, bytes) };
    }
  }
  throw new DatasetError(
    `${source} has no ${tried.join(", no ")}. Give --mnist the folder or the URL that holds MNIST's four files.`,
  );
}

const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);

async function read(folder: string, file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(join(folder, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new DatasetError(`${join(folder, file)} cannot be read: ${(error as Error).message}.`);
  }
}

async function download(base: string, file: string): Promise<Uint8Array | null> {
  const url = `${base.replace(/\/+$/, "")}/${file}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
    if (response.status === 404 || response.status === 403) return null;
    if (!response.ok) throw new DatasetError(`${url} answers ${response.status} ${response.statusText}.`);
    return await bounded(response, url);
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    throw new DatasetError(`${url} cannot be fetched: ${cause?.code ?? cause?.message ?? message}.`);
  }
}

async function bounded(response: Response, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new DatasetError(`${url} is larger than any file of MNIST.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Told by its first bytes, not by its name: a server may have inflated it on the way. */
async function plain(file: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return inflate(bytes, { maxOutputLength: MAX_BYTES }).catch((error: Error) => {
    throw new DatasetError(`${file} cannot be inflated (${error.message}): get it again.`);
  });
}
