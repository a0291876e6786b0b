import type { RawSeries } from "../downsample.ts";
import type { Form } from "../metric-keys.ts";
import { readDoubles } from "./binary-arrays.ts";

/** Arrays in binary form as base64, null where a form has no points. */
export type SeriesRow = { kind: string } & Record<`${Form}_${"x" | "y" | "seq"}`, string | null>;

export function rawOf(row: SeriesRow | undefined, form: Form): RawSeries | null {
  if (row === undefined || row[`${form}_x`] === null) return null;
  const column = (name: "x" | "y" | "seq") => readDoubles(Buffer.from(row[`${form}_${name}`] as string, "base64"));
  return { x: column("x"), y: column("y"), seq: column("seq") };
}

export function joined(raws: RawSeries[]): RawSeries {
  if (raws.length === 1) return raws[0] as RawSeries;
  const column = (name: keyof RawSeries) => Float64Array.from(raws.flatMap((raw) => [...raw[name]]));
  return { x: column("x"), y: column("y"), seq: column("seq") };
}
