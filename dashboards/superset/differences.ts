import type { Json, JsonObject } from "../json.ts";
import type { Compiled } from "./compile.ts";
import type { State } from "./state.ts";

/** An asset that is not as the dashboards say. */
export interface Difference {
  /** Its path in the bundle. */
  asset: string;
  is: "missing" | "changed";
}

/** What an import would change. */
export function differences(compiled: Compiled, state: State): Difference[] {
  return Object.entries(compiled.assets).flatMap(([path, wanted]): Difference[] => {
    if (path === "metadata.yaml") return [];
    const folder = path.split("/")[0] as string;
    const found = state.contents.get(wanted.uuid as string);
    if (found === undefined) return [{ asset: path, is: "missing" }];
    return isSame(normalize(folder, wanted), normalize(folder, found.content)) ? [] : [{ asset: path, is: "changed" }];
  });
}

/** What Superset does not give back. Whether a secret is another is told by a fingerprint. */
const NOT_EXPORTED = ["is_managed_externally", "masked_encrypted_extra", "encrypted_extra", "version"];

function normalize(folder: string, asset: JsonObject): JsonObject {
  const kept = Object.fromEntries(Object.entries(asset).filter(([key]) => !NOT_EXPORTED.includes(key)));
  switch (folder) {
    case "databases": {
      const { allow_csv_upload, allow_file_upload, ...rest } = kept;
      return { ...rest, allow_file_upload: allow_file_upload ?? allow_csv_upload ?? null };
    }
    case "datasets":
      return {
        ...kept,
        columns: byName(kept.columns, "column_name"),
        metrics: byName(kept.metrics, "metric_name"),
      };
    case "charts":
      return { ...kept, params: without(kept.params, ["datasource"]) };
    default:
      return dashboard(kept);
  }
}

/** Charts are numbered by whoever keeps them, and have one uuid. */
function dashboard(asset: JsonObject): JsonObject {
  const elements = Object.entries(asset.position as Record<string, JsonObject>);
  const uuids = new Map(
    elements.flatMap(([, { type, meta }]) => {
      const { chartId, uuid } = (meta ?? {}) as JsonObject;
      return type === "CHART" ? [[chartId, uuid] as const] : [];
    }),
  );
  const metadata = asset.metadata as JsonObject;
  const filters = (metadata.native_filter_configuration ?? []) as JsonObject[];
  return {
    ...asset,
    position: Object.fromEntries(
      elements.map(([id, element]) => [id, { ...element, meta: without(element.meta ?? null, ["chartId"]) }]),
    ),
    metadata: {
      ...metadata,
      native_filter_configuration: filters.map((filter) => {
        const scope = filter.scope as { excluded: Json[] };
        const excluded = scope.excluded.map((id) => uuids.get(id) ?? null);
        return { ...filter, scope: { ...scope, excluded: excluded.map(String).toSorted() } };
      }),
    },
  };
}

const byName = (list: Json | undefined, name: string): JsonObject =>
  Object.fromEntries(((list ?? []) as JsonObject[]).map((one) => [one[name] as string, one]));

function without(value: Json | undefined, keys: string[]): Json {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value ?? null;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

/** Superset adds fields of its own to an asset and to a dashboard's metadata, and nowhere else. */
function isSame(wanted: JsonObject, found: JsonObject): boolean {
  return Object.entries(wanted).every(([key, value]) =>
    key === "metadata" ? isSame(value as JsonObject, found[key] as JsonObject) : isEqual(value, found[key]),
  );
}

/** What is nothing may as well be left out. */
function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((one, at) => isEqual(one, b[at]));
  const [left, right] = [a as JsonObject, b as JsonObject];
  return Object.keys({ ...left, ...right }).every((key) => isEqual(left[key], right[key]));
}

const isNothing = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);
