import { endianness } from "node:os";

/**
 * Columns of numbers as PostgreSQL's send functions write them: big-endian, nothing between the
 * elements.
 */
export function doublesOf(bytes: Buffer): Float64Array {
  return new Float64Array(swapped(bytes, 8));
}

export function integersOf(bytes: Buffer): BigInt64Array {
  return new BigInt64Array(swapped(bytes, 8));
}

export function offsetsOf(bytes: Buffer): Int16Array {
  return new Int16Array(swapped(bytes, 2));
}

export function bytesOfColumn(values: Float64Array | BigInt64Array | Int16Array): Buffer {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.from(swapped(bytes, values.BYTES_PER_ELEMENT));
}

/** The driver reads every answer as text, so bytes come as base64. */
export function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, "base64");
}

/** A copy in this machine's byte order, or from it. */
function swapped(bytes: Buffer, size: number): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  const view = Buffer.from(copy);
  bytes.copy(view);
  if (endianness() === "LE") {
    if (size === 8) view.swap64();
    else view.swap16();
  }
  return copy;
}
