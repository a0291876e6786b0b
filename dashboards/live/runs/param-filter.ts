import { numberOf } from "../data/numbers.ts";
import { formatAny } from "../layout/format.ts";

export const COMPARISONS = ["=", "!=", "<", ">"] as const;
type Comparison = (typeof COMPARISONS)[number];

const COMPARED = / (=|!=|<|>) /g;

/** A condition on a param as it stands in the address: `learning_rate < 0.01`. */
export const paramFilter = (name: string, is: Comparison, value: string): string => `${name} ${is} ${value}`;

/** Name, comparison and value: where names or values have signs too, by the params there are. */
function partsOf(filter: string, params: Readonly<Record<string, unknown>>) {
  const all = [...filter.matchAll(COMPARED)].map(({ 0: sign, 1: is, index }) => ({
    name: filter.slice(0, index),
    is,
    asked: filter.slice(index + sign.length),
  }));
  return all.findLast(({ name }) => Object.hasOwn(params, name)) ?? all[0];
}

/**
 * Whether a condition holds of a run's params. A param that a run does not have is only unequal;
 * what is no condition holds of all.
 */
export function holds(filter: string, params: Readonly<Record<string, unknown>>): boolean {
  const parts = partsOf(filter, params);
  if (parts === undefined) return true;
  const { name, is, asked } = parts;
  const value = Object.hasOwn(params, name) ? params[name] : null;
  if (value === null || value === undefined) return is === "!=";
  const [left, right] = [numberOf(value) ?? Number.NaN, asked.trim() === "" ? Number.NaN : Number(asked)];
  if (is === "<") return left < right;
  if (is === ">") return left > right;
  const text = typeof value === "string" ? value : formatAny(value);
  const isSame = Number.isNaN(left) || Number.isNaN(right) ? text === asked : left === right;
  return isSame === (is === "=");
}
