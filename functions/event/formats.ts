import { createHash, randomUUID } from "node:crypto";
import { Refusal } from "../refusals/refusal.ts";
import { type Event, LIMITS } from "./event.ts";
import { readExactly } from "./exact-json.ts";
import { fromPlainMetrics, PLAIN_METRICS } from "./plain-metrics.ts";
import { readInt, readLogs, readName, readProject, readRunId, readTime, typeName } from "./values.ts";
import type { Warnings } from "./warnings.ts";
import { isNaive, zoneShiftMs } from "./zone-shift.ts";

/** What a request says for all of its events. */
export interface Envelope {
  /** The project of events that name none. */
  project: string;
  /** The server's clock, ms since 1970. */
  now: number;
  /** Told of values that make no metric. */
  warnings?: Warnings;
}

type Fields = Record<string, unknown>;

/** Where the events of one body stand, and how the body was read. */
interface Reading extends Envelope {
  isExact: boolean;
  sent: Sending | null;
}

/** When a request was sent by the client's clock, against the server's. */
interface Sending {
  /** The server's clock minus the client's, ms. */
  skew: number;
  /** What to add to the client's times that have no zone, ms. */
  zoneShift: number;
}

/** `{events: [...], sent_at}`, an array of events or one event, as JSON. */
export function parseEvents(text: string, envelope: Envelope): Event[] {
  return readExactly(text, (body, isExact) => {
    const reading: Reading = { ...envelope, isExact, sent: null };
    if (Array.isArray(body)) return nativeEvents(body, reading);
    const fields = readObject(body, "");
    if (fields.events === undefined) return [nativeEvent(fields, "", reading)];
    if (!Array.isArray(fields.events)) {
      throw new Refusal("not-an-event", "events is not an array.", {
        field: "events",
        found: typeName(fields.events),
        fix: 'Send {"events": [...]}.',
      });
    }
    const other = Object.keys(fields).find((name) => name !== "events" && name !== "sent_at");
    if (other !== undefined) {
      throw new Refusal("unknown-field", `${other} is not a field beside events.`, {
        field: other,
        found: typeName(fields[other]),
        fix: "Put it into each event; a project for all of them goes into the URL, as ?project=NAME.",
      });
    }
    return nativeEvents(fields.events, { ...reading, sent: readSentAt(fields.sent_at, envelope) });
  });
}

/** One event a line; empty lines are passed over. */
export function parseNdjson(text: string, envelope: Envelope): Event[] {
  return filledLines(text).map(({ line, index }) => {
    try {
      return readExactly(line, (body, isExact) =>
        nativeEvent(readObject(body, ""), "", { ...envelope, isExact, sent: null }),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const at = `line ${lineAt(text, index)}`;
      const field = error.details.field ? `${at}: ${error.details.field}` : at;
      throw new Refusal(error.code, `${at}: ${error.message}`, { ...error.details, field });
    }
  });
}

/**
 * The lines with something on them, each with its place in the text, which may be megabytes of line
 * ends.
 */
function filledLines(text: string): { line: string; index: number }[] {
  const lines: { line: string; index: number }[] = [];
  for (const { 0: line, index } of text.matchAll(/\S[^\n]*/g)) {
    lines.push({ line: line.trimEnd(), index });
    if (lines.length > LIMITS.events) break;
  }
  checkCount(lines.length);
  return lines;
}

function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = 0; at < index; at++) if (text.charCodeAt(at) === 10) line += 1;
  return line;
}

/**
 * The paper's format, one event a request: `{id, description, created_at, logs?, epoch?}`. Its
 * client leaves out epoch 0, so an epoch event without epoch means epoch 0; it has no event id, so
 * the identity is a hash of the body.
 */
export function parsePaper(text: string, envelope: Envelope): Event[] {
  return readExactly(text, (body, isExact) => {
    const fields = readObject(body, "");
    const kind = readName(fields.description, "description");
    envelope.warnings?.check(kind, fields.logs, "logs");
    const epoch = readInt(fields.epoch, "epoch", isExact);
    const event: Event = {
      project: envelope.project,
      run: readRunId(fields.id, "id"),
      id: "",
      writer: "",
      seq: null,
      kind,
      actor: null,
      epoch: epoch === null && kind.startsWith("on_epoch_") ? 0 : epoch,
      step: null,
      batch: null,
      createdAt: paperTime(fields.created_at),
      sentSkew: null,
      logs: readLogs(fields.logs, "logs", isExact),
    };
    // The identity is that of what was sent, whenever it came.
    const id = toHashId("paper", event);
    const micros = event.createdAt as number;
    return [{ ...event, id, createdAt: micros + zoneShiftMs(fields.created_at, micros, envelope.now) * 1000 }];
  });
}

function nativeEvents(list: unknown[], reading: Reading): Event[] {
  checkCount(list.length);
  return list.map((item, index) => {
    const path = `events[${index}]`;
    return nativeEvent(readObject(item, path), `${path}.`, reading);
  });
}

function nativeEvent(said: Fields, prefix: string, reading: Reading): Event {
  const { isExact } = reading;
  const sent = reading.sent ?? readSentAt(said.sent_at, reading);
  const fields = said.kind === PLAIN_METRICS ? fromPlainMetrics(said, prefix) : said;
  const logsField = `${prefix}${said === fields || said.values === undefined ? "logs" : "values"}`;
  const event: Event = {
    project: fields.project === undefined ? reading.project : readProject(fields.project, `${prefix}project`),
    run: readRunId(fields.run_id, `${prefix}run_id`),
    id: fields.event_id === undefined ? "" : readName(fields.event_id, `${prefix}event_id`),
    writer: fields.writer === undefined ? "" : readName(fields.writer, `${prefix}writer`, { empty: true }),
    seq: readInt(fields.seq, `${prefix}seq`, isExact),
    kind: readName(fields.kind, `${prefix}kind`),
    actor: null,
    epoch: readInt(fields.epoch, `${prefix}epoch`, isExact),
    step: readInt(fields.step, `${prefix}step`, isExact),
    batch: readInt(fields.batch, `${prefix}batch`, isExact),
    createdAt: fields.created_at === undefined ? null : readTime(fields.created_at, `${prefix}created_at`),
    sentSkew: sent?.skew ?? null,
    logs: readLogs(fields.logs, logsField, isExact),
  };
  for (const name in fields) {
    if (!NATIVE_FIELDS.has(name)) {
      throw new Refusal("unknown-field", `${prefix}${name} is not a field of an event.`, {
        field: `${prefix}${name}`,
        found: typeName(fields[name]),
        fix: `Put it into logs, or use one of ${[...NATIVE_FIELDS].join(", ")}.`,
      });
    }
  }
  reading.warnings?.check(event.kind, said.values ?? said.logs, logsField);
  if (event.id === "") event.id = hasCoordinates(event) ? toHashId("hash", event) : randomUUID();
  const shift = sent?.zoneShift ?? 0;
  if (shift !== 0 && event.createdAt !== null && isNaive(fields.created_at)) event.createdAt += shift * 1000;
  return event;
}

/**
 * Whether an event without an id says where it belongs in its run, so that the same body can only
 * be the same event sent again. A heartbeat or the beginning of a training that says no more than
 * that is another one each time.
 */
function hasCoordinates({ seq, createdAt, epoch, step, batch }: Event): boolean {
  return [seq, createdAt, epoch, step, batch].some((coordinate) => coordinate !== null);
}

const NATIVE_FIELDS: ReadonlySet<string> = new Set([
  "project",
  "run_id",
  "event_id",
  "writer",
  "seq",
  "kind",
  "epoch",
  "step",
  "batch",
  "created_at",
  "sent_at",
  "logs",
]);

/** The paper's client sends local text, its server reads seconds since 1970: both are taken. */
function paperTime(value: unknown): number {
  if (typeof value !== "number") return readTime(value, "created_at");
  const micros = Math.round(value * 1e6);
  if (Number.isSafeInteger(micros)) return micros;
  throw new Refusal("invalid-time", "created_at is not a time.", {
    field: "created_at",
    found: "number",
    fix: "Send seconds since 1970 or ISO 8601.",
  });
}

function toHashId(
  prefix: string,
  { project, run, writer, seq, kind, epoch, step, batch, createdAt, logs }: Event,
): string {
  const body = [project, run, writer, seq, kind, epoch, step, batch, createdAt, logs].map((part) =>
    typeof part === "bigint" ? `${part}n` : part,
  );
  return `${prefix}-${createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, 32)}`;
}

function readSentAt(sentAt: unknown, { now }: Envelope): Sending | null {
  if (sentAt === undefined || sentAt === null) return null;
  const micros = readTime(sentAt, "sent_at");
  const zoneShift = zoneShiftMs(sentAt, micros, now);
  const skew = Math.round(now - micros / 1000 - zoneShift);
  // A clock that is weeks off says nothing more precise than that.
  return { skew: Math.max(-2_147_483_648, Math.min(2_147_483_647, skew)), zoneShift };
}

function readObject(value: unknown, path: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Refusal("not-an-event", `${path || "The body"} is not an event.`, {
    field: path,
    found: typeName(value),
    fix: 'Send a JSON object, such as {"run_id": "r1", "kind": "on_epoch_end", "epoch": 0, "logs": {"loss": 0.3}}.',
  });
}

function checkCount(count: number): void {
  if (count === 0) throw new Refusal("no-event");
  if (count > LIMITS.events) {
    throw new Refusal("too-many-events", `The request has more than ${LIMITS.events} events.`, {
      fix: `Send at most ${LIMITS.events} at a time.`,
    });
  }
}
