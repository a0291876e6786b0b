/** A statement as its driver takes it, with the names of the parameters that it numbers. */
export interface Statement {
  text: string;
  /** The first is parameter 1. */
  names: readonly string[];
}

export type Values = Readonly<Record<string, unknown>>;

/**
 * Numbers the `@name` parameters of a statement, for drivers that know none by name. Comments go:
 * what they mention is no parameter.
 * @param sign what the driver writes before a number: `$` or `:`
 */
export function numbered(sql: string, sign: "$" | ":"): Statement {
  const names: string[] = [];
  const text = sql.replace(/--.*$/gm, "").replace(/@([a-z]\w*)/g, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `${sign}${names.indexOf(name) + 1}`;
  });
  return { text: text.trim(), names };
}

/** Lists the values of a statement in the order of its numbers. */
export function orderedValues({ names }: Statement, values: Values): unknown[] {
  return names.map((name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The statement has no value for @${name}.`);
    return value;
  });
}
