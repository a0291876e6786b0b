import { Refusal } from "../refusals/refusal.ts";
import { LIMITS } from "./event.ts";

/**
 * JSON as JavaScript reads it holds no NaN and rounds integers beyond 2^53. A body is read the
 * quick way first; only where that fails, or meets a number that may have been rounded in a text
 * with so long an integer, it is read again the exact way, in which such tokens come out as
 * `{"$num": "<text>"}`. `build` must bear to be given one value twice.
 */
export function readExactly<T>(text: string, build: (value: unknown, isExact: boolean) => T): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
    return build(value, false);
  } catch (error) {
    if (!(error instanceof Rounded || error instanceof SyntaxError)) throw error;
    if (error instanceof Rounded && !LONG_INTEGER.test(text)) return build(value, true);
  }
  return build(parseExact(text), true);
}

/**
 * Thrown while a quickly read body is looked at: here stands a number that may have been rounded.
 */
export class Rounded extends Error {}

const TOKENS = /"|-?(?:NaN|Infinity)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;
/** 2^53 has 16 digits. */
const LONG_INTEGER = /(?:^|[[:,\s])-?\d{16}/;

/** The exact way, whatever the numbers are. */
export function parseExact(text: string): unknown {
  try {
    return JSON.parse(withExactTokens(text));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal("not-json", `The body is not JSON: ${(error as Error).message}.`, {
      fix: "Send JSON in UTF-8, one event, an array of events, or one event a line as application/x-ndjson.",
    });
  }
}

/**
 * Strings are passed over by hand: a pattern for them overflows the stack on megabytes of escapes.
 */
function withExactTokens(text: string): string {
  let exact = "";
  let done = 0;
  let puts = 0;
  TOKENS.lastIndex = 0;
  for (let found = TOKENS.exec(text); found !== null; found = TOKENS.exec(text)) {
    const [token] = found;
    if (token === '"') {
      TOKENS.lastIndex = endOfString(text, found.index + 1);
      continue;
    }
    const put = exactToken(token);
    if (put === token) continue;
    puts += 1;
    if (puts > LIMITS.values) throw tooMany();
    exact += text.slice(done, found.index) + put;
    done = TOKENS.lastIndex;
  }
  return exact + text.slice(done);
}

const VALUES = /["[{,]/g;

/** Refuses a text with more values than the limit, before anything is made of them. */
export function checkValues(text: string): void {
  // Each takes a comma or a bracket beside itself.
  if (text.length < 2 * LIMITS.values) return;
  let count = 0;
  VALUES.lastIndex = 0;
  for (let found = VALUES.exec(text); found !== null; found = VALUES.exec(text)) {
    if (found[0] === '"') VALUES.lastIndex = endOfString(text, found.index + 1);
    else count += 1;
    if (count > LIMITS.values) throw tooMany();
  }
}

function tooMany(): Refusal {
  return new Refusal("too-many-values", `The body has more than ${LIMITS.values} values.`, {
    fix: "Send fewer events at a time.",
  });
}

function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** Python's json emits NaN and Infinity bare. */
function exactToken(token: string): string {
  if (token === "NaN" || token === "Infinity" || token === "-Infinity") return `{"$num":"${token}"}`;
  if (INTEGER.test(token) && !Number.isSafeInteger(Number(token))) return `{"$num":"${token}"}`;
  return token;
}

/** A small body with no numbers that matter. */
export function parseJson(text: string): unknown {
  return readExactly(text, (value) => value);
}
