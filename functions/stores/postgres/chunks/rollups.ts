import { extremesOf, GRAIN } from "../../downsample.ts";
import { bytesOfColumn } from "./binary-columns.ts";

/** The extremes of every `GRAIN` points of a series or a chunk; the last group may be shorter. */
export interface RollUps {
  lows: Float64Array;
  highs: Float64Array;
  /** Their indexes in the series. */
  lowAt: Int32Array;
  highAt: Int32Array;
}

function emptyRollUps(groups: number): RollUps {
  return {
    lows: new Float64Array(groups),
    highs: new Float64Array(groups),
    lowAt: new Int32Array(groups),
    highAt: new Int32Array(groups),
  };
}

/** @param y finite values */
export function rollUp(y: Float64Array): RollUps {
  const rollups = emptyRollUps(Math.ceil(y.length / GRAIN));
  rollups.lows.forEach((_, group) => {
    const { low, high } = extremesOf(y, group * GRAIN, Math.min((group + 1) * GRAIN, y.length));
    rollups.lows[group] = y[low] as number;
    rollups.highs[group] = y[high] as number;
    rollups.lowAt[group] = low;
    rollups.highAt[group] = high;
  });
  return rollups;
}

export function rollUpBytes({ lows, highs, lowAt, highAt }: RollUps): Buffer {
  return Buffer.concat([lows, highs, new Int16Array(lowAt), new Int16Array(highAt)].map(bytesOfColumn));
}

/** @param bytes 20 for each group, as `rollUpBytes` wrote them */
export function rollUpsOf(bytes: Buffer): RollUps {
  const groups = bytes.length / 20;
  const rollups = emptyRollUps(groups);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let group = 0; group < groups; group++) {
    rollups.lows[group] = view.getFloat64(group * 8);
    rollups.highs[group] = view.getFloat64((groups + group) * 8);
    rollups.lowAt[group] = view.getInt16(groups * 16 + group * 2);
    rollups.highAt[group] = view.getInt16(groups * 18 + group * 2);
  }
  return rollups;
}
