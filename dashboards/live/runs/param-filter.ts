import { numberOf } from "../data/numbers.ts";
import { formatAny } from "../layout/format.ts";

export const COMPARISONS = ["=", "!=", "<", ">"] as const;
type Comparison = (typeof COMPARISONS)[number];

const FORM = /^(.*) (=|!=|<|>) (.*)$/s;

/** A condition on a param as it stands in the address: `learning_rate < 0.01`. */
export const paramFilter = (name: string, is: Comparison, value: string): string => `${name} ${is} ${value}`;

/**
 * Whether a condition holds of a run's params. A param that a run does not have is only unequal;
 * what is no condition holds of all.
 */
export function holds(filter: string, params: Readonly<Record<string, unknown>>): boolean {
  const [, name, is, asked] = FORM.exec(filter) ?? [];
  if (name === undefined || asked === undefined) return true;
  const value = Object.hasOwn(params, name) ? params[name] : null;
  if (value === null || value === undefined) return is === "!=";
  const [left, right] = [numberOf(value) ?? Number.NaN, asked.trim() === "" ? Number.NaN : Number(asked)];
  if (is === "<") return left < right;
  if (is === ">") return left > right;
  const text = typeof value === "string" ? value : formatAny(value);
  const isSame = Number.isNaN(left) || Number.isNaN(right) ? text === asked : left === right;
  return isSame === (is === "=");
}
