import { expect, test } from "vitest";
import { piecesByWriter } from "../../../../functions/stores/postgres/chunks/writers.ts";

const POINTS = 1_000;

/** Counts how often an element is read. */
function counted(values: string[]) {
  let reads = 0;
  const writers = new Proxy(values, {
    get(target, key, receiver) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads += 1;
      return Reflect.get(target, key, receiver);
    },
  });
  return { writers, reads: () => reads };
}

const piece = (from: number, writers: readonly string[] | string | null) => ({
  x: Float64Array.from({ length: POINTS }, (_, at) => from + at),
  y: Float64Array.from({ length: POINTS }, (_, at) => -at),
  seqs: BigInt64Array.from({ length: POINTS }, (_, at) => BigInt(from + at)),
  writers,
});

test.each([1, 2, POINTS])("points of %d writers are parted in one pass", (writers) => {
  const names = Array.from({ length: POINTS }, (_, at) => `rank-${at % writers}`);
  const { writers: watched, reads } = counted(names);
  const parted = piecesByWriter([piece(0, watched), piece(POINTS, "rank-0"), piece(2 * POINTS, null)]);
  expect(reads()).toBe(POINTS);
  expect(parted.map(([writer]) => writer)).toEqual(["", ...new Set(names)].sort());
  const [, [first, second]] = parted.find(([writer]) => writer === "rank-0") as (typeof parted)[number];
  const own = names.flatMap((name, at) => (name === "rank-0" ? [at] : []));
  expect([...(first?.x ?? [])]).toEqual(own);
  expect([...(first?.y ?? [])]).toEqual(own.map((at) => -at));
  expect([...(first?.seqs ?? [])]).toEqual(own.map(BigInt));
  expect(second?.x[0]).toBe(POINTS);
});
