import { Refusal } from "./refusal.ts";

/**
 * JSON as JavaScript reads it holds no NaN and rounds integers beyond 2^53. A body is read the quick way first; only
 * where that fails or meets a number that may have been rounded, it is read again the exact way, in which such tokens
 * come out as `{"$num": "<text>"}`.
 */
export function readExactly<T>(text: string, build: (value: unknown, isExact: boolean) => T): T {
  try {
    return build(JSON.parse(text), false);
  } catch (error) {
    if (!(error instanceof Rounded || error instanceof SyntaxError)) throw error;
  }
  return build(parseExact(text), true);
}

/** Thrown while a quickly read body is looked at: here stands a number that may have been rounded. */
export class Rounded extends Error {}

const TOKENS = /"|-?(?:NaN|Infinity)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;

/** The exact way, whatever the numbers are. */
export function parseExact(text: string): unknown {
  try {
    return JSON.parse(withExactTokens(text));
  } catch (error) {
    throw new Refusal(400, `The body is not JSON: ${(error as Error).message}.`, {
      fix: "Send JSON in UTF-8, one event, an array of events, or one event a line as application/x-ndjson.",
    });
  }
}

/** Strings are passed over by hand: a pattern for them overflows the stack on megabytes of escapes. */
function withExactTokens(text: string): string {
  let exact = "";
  let done = 0;
  TOKENS.lastIndex = 0;
  for (let found = TOKENS.exec(text); found !== null; found = TOKENS.exec(text)) {
    const [token] = found;
    if (token === '"') {
      TOKENS.lastIndex = endOfString(text, found.index + 1);
      continue;
    }
    const put = exactToken(token);
    if (put === token) continue;
    exact += text.slice(done, found.index) + put;
    done = TOKENS.lastIndex;
  }
  return exact + text.slice(done);
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
