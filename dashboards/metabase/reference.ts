import type { Json, JsonObject } from "../json.ts";

/** Something that is to stand in Metabase. */
export interface Asset {
  /** Tells it from others of its kind. */
  key: string;
  /** What people are told it is, such as `cards/training/loss-by-epoch`. */
  path: string;
  /** What is sent, with references in place of numbers. */
  body: JsonObject;
}

/** Stands for the number that Metabase gives to something: "database", "collection", a path. */
export const reference = (to: string): JsonObject => ({ $number: to });

/** Puts numbers in place of the references that are known, and leaves the others. */
export function resolved(value: Json, numbers: ReadonlyMap<string, number>): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((one) => resolved(one, numbers));
  const to = value.$number;
  if (typeof to === "string") return numbers.get(to) ?? value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one, numbers)]));
}
