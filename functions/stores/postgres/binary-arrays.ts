/**
 * PostgreSQL arrays in their binary wire form (array_recv in the server's arrayfuncs.c):
 * dimensions, a null flag, the element type's oid, length and lower bound, then each element with
 * its length in front. Quoting JSON twice for the text form costs more than the insert itself.
 */
export class BinaryArray {
  #bytes: Buffer;
  #end = 20;
  #count = 0;
  readonly #oid: number;
  /** The text at the end and the bytes it takes: most columns say the same again and again. */
  #lastText: string | null = null;
  #lastSize = 0;

  constructor(oid: number, expectedBytes: number) {
    this.#oid = oid;
    this.#bytes = Buffer.allocUnsafe(expectedBytes + 20);
  }

  text(value: string | null): void {
    if (value === null) {
      this.#null();
      return;
    }
    // Three bytes are the most that a UTF-16 unit can become.
    this.#room(4 + value.length * 3);
    if (value === this.#lastText) {
      this.#repeat();
      return;
    }
    const begin = this.#end;
    this.#close(this.#bytes.write(value, begin + 4));
    this.#lastText = value;
    this.#lastSize = this.#end - begin;
  }

  /** jsonb_recv takes a version byte, then the text. */
  jsonb(value: string | null): void {
    if (value === null) {
      this.#null();
      return;
    }
    this.#room(5 + value.length * 3);
    this.#bytes[this.#end + 4] = 1;
    const size = this.#bytes.write(value, this.#end + 5);
    this.#close(size + 1);
  }

  bytes(value: Buffer | null): void {
    if (value === null) {
      this.#null();
      return;
    }
    this.#room(4 + value.length);
    value.copy(this.#bytes, this.#end + 4);
    this.#close(value.length);
  }

  int8(value: number | bigint | null): void {
    if (value === null) {
      this.#null();
      return;
    }
    this.#room(12);
    if (typeof value === "bigint") this.#bytes.writeBigInt64BE(value, this.#end + 4);
    else {
      const high = Math.floor(value / 4294967296);
      this.#bytes.writeInt32BE(high, this.#end + 4);
      this.#bytes.writeUInt32BE(value - high * 4294967296, this.#end + 8);
    }
    this.#close(8);
  }

  /** µs since 1970; the server counts them from 2000. */
  timestamp(micros: number | null): void {
    this.int8(micros === null ? null : micros - 946_684_800_000_000);
  }

  int4(value: number | null): void {
    if (value === null) {
      this.#null();
      return;
    }
    this.#room(8);
    this.#bytes.writeInt32BE(value, this.#end + 4);
    this.#close(4);
  }

  /** The whole array, ready to be a parameter. */
  done(): Buffer {
    this.#bytes.writeInt32BE(1, 0);
    this.#bytes.writeInt32BE(1, 4);
    this.#bytes.writeInt32BE(this.#oid, 8);
    this.#bytes.writeInt32BE(this.#count, 12);
    this.#bytes.writeInt32BE(1, 16);
    return this.#bytes.subarray(0, this.#end);
  }

  #repeat(): void {
    this.#bytes.copyWithin(this.#end, this.#end - this.#lastSize, this.#end);
    this.#end += this.#lastSize;
    this.#count += 1;
  }

  #null(): void {
    this.#lastText = null;
    this.#room(4);
    this.#bytes.writeInt32BE(-1, this.#end);
    this.#end += 4;
    this.#count += 1;
  }

  #close(size: number): void {
    this.#bytes.writeInt32BE(size, this.#end);
    this.#end += 4 + size;
    this.#count += 1;
  }

  #room(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + bytes));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** Type oids, from the server's pg_type.dat. */
export const OID = { bytea: 17, int8: 20, int4: 23, text: 25, timestamptz: 1184, jsonb: 3802 } as const;
