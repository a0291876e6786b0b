import { BinaryArray, OID } from "../binary-arrays.ts";
import { bytesOfColumn } from "./binary-columns.ts";
import type { Window } from "./window.ts";

/** $3 to $29 of chunk-seal.sql. */
export function sealColumns({ fromPos, upto, axes, chunks }: Window): unknown[] {
  const bytes = (values: (Buffer | null)[]) => {
    const size = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), 0);
    const array = new BinaryArray(OID.bytea, size);
    for (const value of values) array.bytes(value);
    return array.done();
  };
  const column = (values: Float64Array | Int16Array | null) => (values === null ? null : bytesOfColumn(values));
  return [
    fromPos,
    upto,
    axes.map(({ kind }) => kind),
    axes.map(({ events }) => events),
    axes.map(({ isInOrder }) => isInOrder),
    axes.map(({ seqLow }) => seqLow),
    axes.map(({ seqHigh }) => seqHigh),
    axes.map(({ epochs }) => epochs.first),
    axes.map(({ epochs }) => epochs.stride),
    axes.map(({ steps }) => steps.first),
    axes.map(({ steps }) => steps.stride),
    bytes(axes.map(({ seqs }) => bytesOfColumn(seqs))),
    bytes(axes.map(({ epochs }) => column(epochs.values))),
    bytes(axes.map(({ steps }) => column(steps.values))),
    bytes(axes.map(({ times }) => column(times))),
    chunks.map(({ kind }) => kind),
    chunks.map(({ key }) => key),
    chunks.map(({ points }) => points),
    chunks.map(({ first }) => first.text),
    chunks.map(({ first }) => first.seq),
    chunks.map(({ last }) => last.text),
    chunks.map(({ last }) => last.seq),
    chunks.map(({ low }) => low),
    chunks.map(({ high }) => high),
    bytes(chunks.map(({ rollups }) => rollups)),
    bytes(chunks.map(({ y }) => bytesOfColumn(y))),
    bytes(chunks.map(({ offsets }) => column(offsets))),
  ];
}
