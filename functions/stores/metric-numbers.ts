import type { Event } from "../event/event.ts";
import { LEVELS } from "./metric-keys.ts";

/**
 * The numbers in the logs of an event that carries metrics, as [key, text]: digits without an
 * exponent as numeric types write them, or NaN, Infinity, -Infinity, -0. For databases whose JSON
 * would round them, or has no way through its keys.
 */
export function numbersIn({ kind, logs }: Pick<Event, "kind" | "logs">): [string, string][] {
  if (logs === null || LEVELS[kind] === undefined) return [];
  return Object.entries(JSON.parse(logs) as Record<string, unknown>).flatMap(([key, value]): [string, string][] => {
    if (typeof value === "number") return [[key, digitsOf(value)]];
    const text = (value as { $num?: unknown } | null)?.$num;
    return typeof text === "string" ? [[key, text]] : [];
  });
}

function digitsOf(value: number): string {
  const [mantissa = "", exponent] = String(value).split("e");
  if (exponent === undefined) return mantissa;
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d)\.?(\d*)$/.exec(mantissa) ?? [];
  const digits = whole + fraction;
  const point = 1 + Number(exponent);
  return point > 0 ? sign + digits.padEnd(point, "0") : `${sign}0.${"0".repeat(-point)}${digits}`;
}
