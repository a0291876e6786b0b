import type { Event, Int } from "../../event/event.ts";
import { Refusal } from "../../refusals/refusal.ts";

/** How events travel through a queue: JSON text, with int64 beyond 2^53 as `{"$int": "..."}`. */

export interface MessageLimits {
  /** Bytes that events are packed up to. */
  packBytes: number;
  /** Bytes of one message, whatever it holds. */
  messageBytes: number;
}

const VERSION = 1;
const COUNTERS = ["seq", "epoch", "step", "batch"] as const;

/**
 * The events in as few messages as fit, in their order. Refuses an event that no message can hold.
 */
export function toMessages(events: readonly Event[], { packBytes, messageBytes }: MessageLimits): string[] {
  const messages: string[] = [];
  let packed: string[] = [];
  let size = 0;
  const flush = () => {
    if (packed.length > 0) messages.push(wrapped(packed));
    packed = [];
    size = 0;
  };
  events.forEach((event, index) => {
    const text = toText(event);
    const bytes = Buffer.byteLength(text) + 1;
    if (bytes + FRAME > messageBytes) throw tooLarge(event, index, events.length, messageBytes);
    if (size + bytes + FRAME > packBytes) flush();
    packed.push(text);
    size += bytes;
  });
  flush();
  return messages;
}

/** Throws where the text is not a message of ours. */
export function parseMessage(message: string): Event[] {
  const { v, events } = JSON.parse(message, (_, value) =>
    typeof value?.$int === "string" ? BigInt(value.$int) : value,
  ) as { v?: unknown; events?: unknown };
  if (v !== VERSION || !Array.isArray(events) || !events.every(isEvent))
    throw new Error(`The message is not one of version ${VERSION} of ours.`);
  return events;
}

const wrapped = (texts: readonly string[]): string => `{"v":${VERSION},"events":[${texts.join(",")}]}`;
const FRAME = Buffer.byteLength(wrapped([]));

function toText(event: Event): string {
  const text = JSON.stringify(event, (_, value) => (typeof value === "bigint" ? { $int: String(value) } : value));
  // The two characters that JSON allows as they are and SQS does not.
  return text.replace(/[\ufffe\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`);
}

function isEvent(value: unknown): value is Event {
  if (typeof value !== "object" || value === null) return false;
  const event = value as Record<string, unknown>;
  const isInt = (one: unknown): one is Int | null =>
    one === null || typeof one === "bigint" || Number.isSafeInteger(one);
  return (
    ["project", "run", "id", "writer", "kind"].every((name) => typeof event[name] === "string") &&
    COUNTERS.every((name) => isInt(event[name])) &&
    (event.logs === null || typeof event.logs === "string")
  );
}

function tooLarge(event: Event, index: number, count: number, bytes: number): Refusal {
  return new Refusal(
    "event-too-large",
    `With queued delivery an event takes at most ${bytes} bytes, and ${event.id} takes more.`,
    {
      field: count === 1 ? "logs" : `events[${index}].logs`,
      fix: "Send less in its logs, or set delivery to direct.",
    },
  );
}
