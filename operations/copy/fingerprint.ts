import { createHash } from "node:crypto";
import type { Event } from "../../functions/event/event.ts";

/**
 * How many there were and the sum of their hashes modulo 2^64: equal for equal sets, in whatever
 * order they came.
 */
export interface Tally {
  count: number;
  hash: bigint;
}

export interface RunFingerprint extends Tally {
  project: string;
  run: string;
  /** By the key in logs, of the entries that are numbers. */
  metrics: Map<string, Tally>;
}

/** Counts and hashes of a log, by run and by metric. */
export class Fingerprint {
  readonly runs = new Map<string, RunFingerprint>();
  count = 0;

  add(event: Event): void {
    this.count += 1;
    const { project, run } = event;
    const key = runKey(event);
    let found = this.runs.get(key);
    if (found === undefined) {
      found = { project, run, count: 0, hash: 0n, metrics: new Map() };
      this.runs.set(key, found);
    }
    const logs = event.logs === null ? null : (JSON.parse(event.logs) as Record<string, unknown>);
    add(found, eventHash(event, logs));
    const identityHash = hashOf(`${event.id}\n${event.writer}\n${event.seq}\n${event.epoch}\n${event.step}`);
    for (const [name, value] of Object.entries(logs ?? {})) {
      const text = numberText(value);
      if (text === null) continue;
      const tally = found.metrics.get(name) ?? { count: 0, hash: 0n };
      found.metrics.set(name, tally);
      add(tally, identityHash * factorOf(text));
    }
  }
}

export const runKey = ({ project, run }: { project: string; run: string }): string => `${project}\n${run}`;

/**
 * The first 64 bits of the SHA-256 of all that an event says; the order of keys in logs says
 * nothing.
 */
export function eventHash(event: Event, logs: unknown = event.logs === null ? null : JSON.parse(event.logs)): bigint {
  const { project, run, id, writer, seq, kind, actor, epoch, step, batch, createdAt, sentSkew } = event;
  const whole = [seq, epoch, step, batch, createdAt].map((value) => (value === null ? null : String(value)));
  return hashOf(JSON.stringify([project, run, id, writer, kind, actor, ...whole, sentSkew, ordered(logs)]));
}

function add(tally: Tally, hash: bigint): void {
  tally.count += 1;
  tally.hash = BigInt.asUintN(64, tally.hash + hash);
}

function hashOf(text: string): bigint {
  return createHash("sha256").update(text).digest().readBigUInt64BE(0);
}

/**
 * An odd factor of 64 bits: two FNV-1a hashes. A SHA-256 for every value would be most of the work.
 */
function factorOf(text: string): bigint {
  let [high, low] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x85ebca6b);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt((low | 1) >>> 0);
}

function numberText(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  const exact = (value as { $num?: unknown } | null)?.$num;
  return typeof exact === "string" ? exact : null;
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value).sort();
  return keys.map((key) => [key, ordered((value as Record<string, unknown>)[key])]);
}
