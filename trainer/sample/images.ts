import { createHash } from "node:crypto";

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;

/** Images of digits, 28 x 28, one after another, row by row, 0 (paper) to 255 (ink). */
export interface Images {
  readonly count: number;
  readonly pixels: Uint8Array;
  /** 0 to 9, one per image. */
  readonly labels: Uint8Array;
}

export interface Dataset {
  /** What it is, said plainly: "MNIST", "generated digits", or where it came from. */
  readonly name: string;
  readonly train: Images;
  readonly validation: Images;
}

/** The first images of a set. */
export function first(images: Images, count: number): Images {
  if (count >= images.count) return images;
  return { count, pixels: images.pixels.subarray(0, count * PIXELS), labels: images.labels.subarray(0, count) };
}

/** SHA-256 of pixels and labels, train before validation: equal hashes, equal data. */
export function hashOf({ train, validation }: Dataset): string {
  const hash = createHash("sha256");
  for (const { pixels, labels } of [train, validation]) hash.update(pixels).update(labels);
  return hash.digest("hex");
}
