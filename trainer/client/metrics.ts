import { LIMITS } from "../../functions/event/event.ts";
import { splitKey } from "../../functions/stores/metric-keys.ts";
import type { Logs, MetricsAt } from "./client-api.ts";

/** What stands before a metric's name, by the data it was measured on. */
const PREFIX = { train: "", validation: "val_", test: "test_" } as const;

/** Told of a value that makes no metric, by its name, with the fix. */
export type TellLeftOut = (name: string, why: string) => void;

/**
 * The metrics among what was logged, by the names they have in an event: what is nested by its
 * path, with the split before it. What makes none is told and left out.
 */
export function toMetrics(values: Logs, split: MetricsAt["split"], leftOut: TellLeftOut): Logs {
  const metrics: Logs = {};
  const prefix = split === undefined ? "" : PREFIX[split];
  const add = (from: Logs, path: string) => {
    for (const [key, value] of Object.entries(from)) {
      const name = path + key;
      if (isNested(value)) add(value, `${name}/`);
      else if (name.length > LIMITS.name)
        leftOut(`${name.slice(0, 40)}...`, `is longer than ${LIMITS.name} characters: shorten it`);
      else {
        const why = problemOf(value);
        if (why !== null) leftOut(name, why);
        else metrics[prefix === "" || splitKey(name).split !== null ? name : prefix + name] = value;
      }
    }
  };
  add(values, "");
  return metrics;
}

/** Whether it is one of the splits. */
export const isSplit = (split: unknown): boolean => typeof split === "string" && Object.hasOwn(PREFIX, split);

export const SPLITS = Object.keys(PREFIX).join(", ");

const isNested = (value: unknown): value is Logs =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

function problemOf(value: unknown): string | null {
  switch (typeof value) {
    case "number":
    case "bigint":
      return null;
    case "string":
      return "is text: give a number; text goes into tags, params or event()";
    case "boolean":
      return "is a boolean: give 0 or 1";
    case "undefined":
      return "is undefined: leave it out";
    default:
      break;
  }
  if (value === null) return "is null: leave it out";
  if (value instanceof Date) return "is a time: give seconds as a number";
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const { length } = value as { length?: number };
    return `is an array of length ${length}: log its mean, or one number for each element`;
  }
  return `is a ${typeof value}: give a number`;
}

const [LOWEST, HIGHEST] = [-(2n ** 63n), 2n ** 63n - 1n];

/** Whether a coordinate is a whole number of 64 bits, or left out. */
export function isWhole(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "bigint") return value >= LOWEST && value <= HIGHEST;
  return Number.isSafeInteger(value);
}
