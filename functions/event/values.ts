import { Refusal } from "../refusals/refusal.ts";
import { type Int, LIMITS } from "./event.ts";
import { Rounded } from "./exact-json.ts";

/**
 * The value rules of an event. Each reader takes a parsed JSON value and the place it stood at, and
 * gives the value as the row keeps it or refuses it, naming that place.
 */

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const DIGITS = /^-?\d{1,400}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;
const PROJECT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Whether a value is the name of a project. */
export const isProject = (value: unknown): value is string => typeof value === "string" && PROJECT.test(value);

export function readProject(value: unknown, field: string): string {
  if (isProject(value)) return value;
  throw new Refusal("invalid-project", `${field} is not a project's name.`, {
    field,
    found: typeName(value),
    fix: "Use 1 to 100 letters, digits, dots, dashes or underscores, starting with a letter or digit.",
  });
}

/** A run, an event id, a writer or a kind: text that is safe to print on one line. */
export function readName(value: unknown, field: string, { empty = false } = {}): string {
  const problem =
    typeof value !== "string"
      ? "is not text"
      : value.length > LIMITS.name
        ? `is longer than ${LIMITS.name} characters`
        : value === "" && !empty
          ? "is empty"
          : CONTROL.test(value)
            ? "has a control character"
            : value.isWellFormed()
              ? null
              : "has half of a surrogate pair";
  if (problem === null) return value as string;
  throw new Refusal("invalid-name", `${field} ${problem}.`, {
    field,
    found: typeName(value),
    fix: `Send text of 1 to ${LIMITS.name} characters.`,
  });
}

/** The id of a run: any name that a URL can hold. */
export function readRunId(value: unknown, field: string): string {
  const id = readName(value, field);
  if (id !== "." && id !== "..") return id;
  throw new Refusal("invalid-name", `${field} is ${id}, which no URL can name.`, {
    field,
    found: "string",
    fix: "Send another id, such as run-1.",
  });
}

/** A whole number of 64 bits; null and missing are null, which is not 0. */
export function readInt(value: unknown, field: string, isExact: boolean): Int | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  if (!isExact && isRounded(value)) throw new Rounded();
  const text = numText(value);
  if (text !== null && DIGITS.test(text)) {
    const whole = BigInt(text);
    if (whole >= INT64_MIN && whole <= INT64_MAX) return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
  }
  throw new Refusal("invalid-integer", `${field} is not a whole number of 64 bits.`, {
    field,
    found: typeName(value),
    fix:
      typeof value === "number" && Number.isFinite(value)
        ? "Send an integer, or leave the field out: a fraction belongs into logs, beside a whole step."
        : "Send an integer without quotes, or leave the field out.",
  });
}

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?$/;

/**
 * The minute that was read last, as text and in µs: events come in order, and reading a date is
 * what costs.
 */
let minute = { text: "", micros: 0 };
const IN_MINUTE = /^:([0-5]\d)(?:\.(\d{1,6}))?Z$/;

/** ISO 8601 to µs since 1970. A time without a zone is UTC. */
export function readTime(value: unknown, field: string): number {
  if (typeof value === "string") {
    const rest = value.startsWith(minute.text) ? IN_MINUTE.exec(value.slice(16)) : null;
    if (rest !== null && minute.text !== "") {
      return minute.micros + Number(rest[1]) * 1_000_000 + Number((rest[2] ?? "").padEnd(6, "0"));
    }
    const parts = TIME.exec(value);
    const micros = parts ? toMicros(parts) : Number.NaN;
    if (Number.isSafeInteger(micros)) {
      if (IN_MINUTE.test(value.slice(16)))
        minute = { text: value.slice(0, 16), micros: Math.floor(micros / 60_000_000) * 60_000_000 };
      return micros;
    }
  }
  const isTime = typeof value === "string" && isOutOfRange(TIME.exec(value));
  throw new Refusal("invalid-time", `${field} ${isTime ? "is before 1900 or after 2255-06-05" : "is not a time"}.`, {
    field,
    found: typeName(value),
    fix: isTime
      ? "Send a time between the two: a clock, or the unit it was counted in, is wrong."
      : 'Send ISO 8601 in UTC, such as "2026-01-31T12:00:00.123456Z".',
  });
}

/** µs since 1970 are exact until 2255. */
function isOutOfRange(parts: RegExpExecArray | null): boolean {
  if (parts === null) return false;
  const year = Number(parts[1]);
  return year < 1900 || year > 2254;
}

function toMicros(parts: RegExpExecArray): number {
  const part = (index: number) => Number(parts[index] ?? 0);
  const [year, month, day, hour, minutes, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const date = Date.UTC(year, month - 1, day, hour, minutes, second);
  const back = new Date(date);
  // Date.UTC rolls 31 February over; a time that does not come back as it went in is none.
  if (year < 1900 || back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return Number.NaN;
  if (hour > 23 || minutes > 59 || second > 59) return Number.NaN;
  const micros = Number((parts[7] ?? "").padEnd(6, "0").slice(0, 6));
  return (date - zoneMinutes(parts[8] ?? "Z") * 60_000) * 1000 + micros;
}

/** Minutes east of Greenwich. */
function zoneMinutes(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", "") || 0);
  return zone.startsWith("-") ? -minutes : minutes;
}

/**
 * The logs of an event as canonical JSON text. Plain numbers stay plain; −0, non-finite values and
 * integers beyond 2^53 are `{"$num": text}`. NUL, half surrogate pairs, overflow and too deep
 * nesting are refused.
 */
export function readLogs(value: unknown, field: string, isExact: boolean): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object" || Array.isArray(value) || numText(value) !== null) {
    throw new Refusal("invalid-logs", `${field} is not a JSON object.`, {
      field,
      found: typeName(value),
      fix: 'Send an object, such as {"loss": 0.3, "accuracy": 0.9}, or leave the field out.',
    });
  }
  checkKeys(value, field);
  normalize(value as Container, { field, isExact, trail: [] });
  const text = JSON.stringify(value);
  if (text.length * 3 > LIMITS.logsBytes && Buffer.byteLength(text) > LIMITS.logsBytes) {
    throw new Refusal("logs-too-large", `${field} is larger than ${LIMITS.logsBytes} bytes.`, {
      field,
      fix: "Send less in one event.",
    });
  }
  return text;
}

/** Each may be a metric, and lists of runs have all of a run's. */
function checkKeys(logs: object, field: string): void {
  const count = Object.keys(logs).length;
  if (count <= LIMITS.keys) return;
  throw new Refusal("logs-too-large", `${field} has ${count} keys.`, {
    field,
    fix: `Send at most ${LIMITS.keys} in one event; what is no metric may stand in an object below one of them.`,
  });
}

type Container = Record<string | number, unknown>;

interface Location {
  field: string;
  trail: (string | number)[];
  isExact: boolean;
}

/** Checks every value below a container and puts the canonical form in its place. */
function normalize(container: Container, location: Location): void {
  if (location.trail.length >= LIMITS.depth)
    refuse(location, "is nested too deep", container, `Nest at most ${LIMITS.depth} levels.`);
  if (Array.isArray(container)) {
    for (let index = 0; index < container.length; index++) normalizeAt(container, index, location);
    return;
  }
  for (const key in container) {
    const problem = textProblem(key);
    if (problem !== null) refuse(below(location, key), `has a key that ${problem}`, key, "Rename the key.");
    normalizeAt(container, key, location);
  }
}

function normalizeAt(container: Container, key: string | number, location: Location): void {
  const value = container[key];
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) {
      if (Object.is(value, -0)) container[key] = { $num: "-0" };
    } else if (!location.isExact && isRounded(value)) throw new Rounded();
    else if (!Number.isFinite(value)) {
      refuse(
        below(location, key),
        "is beyond what a double holds",
        value,
        "Send a smaller number, or Infinity if that is meant.",
      );
    }
  } else if (typeof value === "string") {
    const problem = textProblem(value);
    if (problem !== null) refuse(below(location, key), problem, value, "Send text without it, in UTF-8.");
  } else if (typeof value === "object" && value !== null) {
    if ("$num" in value && !Array.isArray(value)) {
      const normalized = normalizeNum(value as Container);
      if (normalized === null) {
        refuse(below(location, key), "has a $num that is no number", value, NUM_FIX);
      }
      container[key] = normalized;
    } else normalize(value as Container, below(location, key));
  }
}

const NUM_FIX = 'Use {"$num": "NaN"}, "Infinity", "-Infinity", "-0" or the digits of an integer, and no other key.';

const below = (location: Location, key: string | number): Location => ({
  ...location,
  trail: [...location.trail, key],
});

/** The one form of an encoded number: plain where a plain number says the same. */
function normalizeNum(value: Record<string, unknown>): number | { $num: string } | null {
  const text = numText(value);
  if (text === null) return null;
  if (text === "NaN" || text === "Infinity" || text === "-Infinity" || text === "-0") return { $num: text };
  if (!DIGITS.test(text) || !Number.isFinite(Number(text))) return null;
  const digits = BigInt(text).toString();
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : { $num: digits };
}

/** Whether a double may stand for another integer than the one that was written. */
function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function numText(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return null;
  const text = (value as { $num?: unknown }).$num;
  return typeof text === "string" ? text : null;
}

function textProblem(text: string): string | null {
  if (text.includes("\u0000")) return "has a NUL character";
  return text.isWellFormed() ? null : "has half of a surrogate pair";
}

function refuse({ trail, field }: Location, problem: string, value: unknown, fix: string): never {
  const at = trail.reduce<string>(
    (at, key) => at + (typeof key === "number" ? `[${key}]` : `.${printable(key)}`),
    field,
  );
  throw new Refusal("invalid-logs", `${at} ${problem}.`, { field: at, found: typeName(value), fix });
}

function printable(key: string): string {
  return JSON.stringify(key.toWellFormed().slice(0, 80)).slice(1, -1);
}

export function typeName(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "object" && numText(value) !== null ? "number" : typeof value;
}
