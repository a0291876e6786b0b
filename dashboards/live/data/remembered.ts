/**
 * Remembers the last result: it is computed anew only when one of the parts that `partsOf` names is
 * another. Parts are compared one by one, as they are.
 */
export function remembered<Input, Result>(
  partsOf: (input: Input) => readonly unknown[],
  compute: (input: Input) => Result,
): (input: Input) => Result {
  let last: { parts: readonly unknown[]; result: Result } | null = null;
  return (input) => {
    const parts = partsOf(input);
    const isSame = last?.parts.length === parts.length && parts.every((part, i) => Object.is(part, last!.parts[i]));
    if (last === null || !isSame) last = { parts, result: compute(input) };
    return last.result;
  };
}
