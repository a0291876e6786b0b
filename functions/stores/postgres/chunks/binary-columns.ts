/** Columns of numbers as PostgreSQL's send functions write them: big-endian, nothing between the elements. */
export function doublesOf(bytes: Buffer): Float64Array {
  return new Float64Array(swapped(bytes));
}

export function integersOf(bytes: Buffer): BigInt64Array {
  return new BigInt64Array(swapped(bytes));
}

export function placesOf(bytes: Buffer): Int16Array {
  return Int16Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16BE(index * 2));
}

export function doubleBytes(values: Float64Array): Buffer {
  return Buffer.from(swapped(Buffer.from(values.buffer, values.byteOffset, values.byteLength)));
}

export function integerBytes(values: BigInt64Array): Buffer {
  return Buffer.from(swapped(Buffer.from(values.buffer, values.byteOffset, values.byteLength)));
}

export function placeBytes(values: Int16Array | Int32Array): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeInt16BE(value, index * 2);
  });
  return bytes;
}

/** The driver reads every answer as text, so bytes come as base64. */
export function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, "base64");
}

/** A copy in the byte order of this machine, or the other way round; every machine that Node supports is little-endian but one. */
function swapped(bytes: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  const view = Buffer.from(copy);
  bytes.copy(view);
  if (LITTLE_ENDIAN) view.swap64();
  return copy;
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
