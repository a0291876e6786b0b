import { strToU8, zipSync } from "fflate";
import type { JsonObject } from "../json.ts";

/** Superset takes the first folder off every path. */
const ROOT = "integraviz";
/** The first that a ZIP can hold. */
const MTIME = "1980-01-01T00:00:00";

/** The files of a bundle: JSON is YAML, too. */
export function bundleFiles(assets: Record<string, JsonObject>): Record<string, string> {
  const sorted = Object.entries(assets).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([path, asset]) => [path, `${JSON.stringify(asset, null, 2)}\n`]));
}

/** The ZIP that Superset imports: the same assets give the same bytes. */
export function bundle(assets: Record<string, JsonObject>): Uint8Array<ArrayBuffer> {
  const files = Object.entries(bundleFiles(assets)).map(([path, text]) => [`${ROOT}/${path}`, strToU8(text)] as const);
  return zipSync(Object.fromEntries(files), { level: 9, mtime: MTIME }) as Uint8Array<ArrayBuffer>;
}
