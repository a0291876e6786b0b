/**
 * What a log entry holds as a double: NaN and the infinities as themselves, undefined for what is
 * no number.
 */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "object" || value === null || !("$num" in value)) return undefined;
  return Number((value as { $num: unknown }).$num);
}

/** The name of a value that is not finite. */
export const nonFiniteName = (value: number): string =>
  Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
