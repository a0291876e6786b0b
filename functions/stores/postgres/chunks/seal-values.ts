import type { Values } from "../../named-parameters.ts";
import type { RunName } from "../../run-key.ts";
import { BinaryArray, OID } from "../binary-arrays.ts";
import { bytesOfColumn } from "./binary-columns.ts";
import type { Window } from "./window.ts";

/** Makes the parameters of chunk-seal.sql. */
export function sealValues({ project, run }: RunName, { fromPos, upto, axes, chunks }: Window): Values {
  const bytes = (values: (Buffer | null)[]) => {
    const size = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), 0);
    const array = new BinaryArray(OID.bytea, size);
    for (const value of values) array.bytes(value);
    return array.done();
  };
  const column = (values: Float64Array | Int16Array | null) => (values === null ? null : bytesOfColumn(values));
  return {
    project,
    run,
    from_pos: fromPos,
    upto,
    kinds: axes.map(({ kind }) => kind),
    events: axes.map(({ events }) => events),
    in_order: axes.map(({ isInOrder }) => isInOrder),
    seq_lo: axes.map(({ seqLow }) => seqLow),
    seq_hi: axes.map(({ seqHigh }) => seqHigh),
    epoch_first: axes.map(({ epochs }) => epochs.first),
    epoch_stride: axes.map(({ epochs }) => epochs.stride),
    step_first: axes.map(({ steps }) => steps.first),
    step_stride: axes.map(({ steps }) => steps.stride),
    seqs: bytes(axes.map(({ seqs }) => bytesOfColumn(seqs))),
    epochs: bytes(axes.map(({ epochs }) => column(epochs.values))),
    steps: bytes(axes.map(({ steps }) => column(steps.values))),
    times: bytes(axes.map(({ times }) => column(times))),
    writer: axes.map(({ writer }) => writer),
    writers: axes.map(({ writers }) => writers && JSON.stringify(writers)),
    chunk_kinds: chunks.map(({ kind }) => kind),
    keys: chunks.map(({ key }) => key),
    points: chunks.map(({ points }) => points),
    firsts: chunks.map(({ first }) => first.text),
    first_seqs: chunks.map(({ first }) => first.seq),
    lasts: chunks.map(({ last }) => last.text),
    last_seqs: chunks.map(({ last }) => last.seq),
    lows: chunks.map(({ low }) => low),
    highs: chunks.map(({ high }) => high),
    rollups: bytes(chunks.map(({ rollups }) => rollups)),
    ys: bytes(chunks.map(({ y }) => bytesOfColumn(y))),
    offsets: bytes(chunks.map(({ offsets }) => column(offsets))),
  };
}
