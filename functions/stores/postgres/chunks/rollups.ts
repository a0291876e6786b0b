import { extremesOf, GRAIN } from "../../downsample.ts";
import { bytesOfColumn, doublesOf, placesOf } from "./binary-columns.ts";

/** The extremes of every `GRAIN` points of a series or a chunk; the last group may be shorter. */
export interface RollUps {
  lows: Float64Array;
  highs: Float64Array;
  /** Their places in the series. */
  lowAt: Int32Array;
  highAt: Int32Array;
}

/** @param y finite values */
export function rollUp(y: Float64Array): RollUps {
  const groups = Math.ceil(y.length / GRAIN);
  const rollups: RollUps = {
    lows: new Float64Array(groups),
    highs: new Float64Array(groups),
    lowAt: new Int32Array(groups),
    highAt: new Int32Array(groups),
  };
  for (let group = 0; group < groups; group++) {
    const { low, high } = extremesOf(y, group * GRAIN, Math.min((group + 1) * GRAIN, y.length));
    rollups.lows[group] = y[low] as number;
    rollups.highs[group] = y[high] as number;
    rollups.lowAt[group] = low;
    rollups.highAt[group] = high;
  }
  return rollups;
}

export function rollUpBytes({ lows, highs, lowAt, highAt }: RollUps): Buffer {
  return Buffer.concat([lows, highs, new Int16Array(lowAt), new Int16Array(highAt)].map(bytesOfColumn));
}

/** @param bytes 20 for each group, as `rollUpBytes` wrote them */
export function rollUpsOf(bytes: Buffer): RollUps {
  const groups = bytes.length / 20;
  const doubles = doublesOf(bytes.subarray(0, groups * 16));
  const places = placesOf(bytes.subarray(groups * 16));
  return {
    lows: doubles.subarray(0, groups),
    highs: doubles.subarray(groups),
    lowAt: new Int32Array(places.subarray(0, groups)),
    highAt: new Int32Array(places.subarray(groups)),
  };
}
