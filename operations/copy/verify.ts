import type { Cursor, LogPart, Store } from "../../functions/stores/store.ts";
import type { OnProgress } from "../progress.ts";
import { eventHash, Fingerprint, type RunFingerprint, type Tally } from "./fingerprint.ts";
import { logPages } from "./log-pages.ts";

/** What is wrong with one run of a copy. */
export interface Difference {
  project: string;
  run: string;
  /** Ids of events that the target lacks. */
  missing: string[];
  /** Ids of events that say something else there. */
  different: string[];
}

/**
 * A run in both stores: how many events it has and their hash, and the same of each of its metrics.
 */
export interface VerifiedRun {
  project: string;
  run: string;
  source: TallyText & { metrics: Record<string, TallyText> };
  /** null where it is not there. */
  target: VerifiedRun["source"] | null;
}

/** The hash as 16 hex digits. */
interface TallyText {
  count: number;
  hash: string;
}

export interface Verification {
  /** Of the source's runs. */
  events: number;
  metrics: number;
  /** How many events the source's log says it has: it has to be what was read of it. */
  size: number;
  /** Of all runs of the source, as 16 hex digits, in both stores. */
  hash: { from: string; to: string };
  differences: Difference[];
  /** Events of these runs that only the target has. */
  added: number;
  runs: VerifiedRun[];
}

export const isProved = ({ events, size, differences }: Verification): boolean =>
  events === size && differences.length === 0;

/**
 * Reads both logs and compares them: by count and hash for every run and every metric, and event by
 * event where those differ. What the target holds beside the source's runs is none of the copy's
 * business.
 */
export async function verify(from: Store, to: Store, end: Cursor, onProgress: OnProgress): Promise<Verification> {
  const seen = await to.settled();
  const size = await from.logSize({ after: null, before: end });
  const total = size + (await to.logSize({ after: null, before: seen }));
  let done = 0;
  const read = async (store: Store, before: Cursor) => {
    const found = new Fingerprint();
    for await (const { events } of logPages(store, { after: null, before })) {
      for (const event of events) found.add(event);
      done += events.length;
      onProgress(done, total, "comparing");
    }
    return found;
  };
  const [source, target] = await Promise.all([read(from, end), read(to, seen)]);
  const found: Verification = {
    events: source.count,
    metrics: 0,
    size,
    hash: { from: "", to: "" },
    differences: [],
    added: 0,
    runs: [],
  };
  const sums = { from: 0n, to: 0n };
  for (const [key, expected] of source.runs) {
    const actual = target.runs.get(key);
    const { project, run } = expected;
    found.runs.push({ project, run, source: textsOf(expected), target: actual === undefined ? null : textsOf(actual) });
    found.metrics += expected.metrics.size;
    sums.from += expected.hash;
    sums.to += actual?.hash ?? 0n;
    if (actual !== undefined && isEqual(expected, actual)) continue;
    const { added, ...difference } = await compareRun([from, end], [to, seen], expected);
    found.added += added;
    if (difference.missing.length + difference.different.length > 0) found.differences.push(difference);
  }
  found.hash = { from: hex(sums.from), to: hex(sums.to) };
  return found;
}

const hex = (hash: bigint) => BigInt.asUintN(64, hash).toString(16).padStart(16, "0");
const tallyText = ({ count, hash }: Tally): TallyText => ({ count, hash: hex(hash) });

function textsOf(run: RunFingerprint): VerifiedRun["source"] {
  const metrics = [...run.metrics].map(([name, tally]) => [name, tallyText(tally)]);
  return { ...tallyText(run), metrics: Object.fromEntries(metrics) };
}

function isEqual(a: RunFingerprint, b: RunFingerprint): boolean {
  if (!isSame(a, b) || a.metrics.size !== b.metrics.size) return false;
  for (const [name, tally] of a.metrics) if (!isSame(tally, b.metrics.get(name))) return false;
  return true;
}

const isSame = (a: Tally, b: Tally | undefined): boolean => a.count === b?.count && a.hash === b.hash;

type Read = [store: Store, before: Cursor];

async function compareRun(from: Read, to: Read, { project, run }: RunFingerprint) {
  const source = await eventHashes(from, { project, run });
  const target = await eventHashes(to, { project, run });
  const missing = [...source.keys()].filter((id) => !target.has(id));
  const different = [...source].filter(([id, hash]) => target.has(id) && target.get(id) !== hash).map(([id]) => id);
  const added = [...target.keys()].filter((id) => !source.has(id)).length;
  return { project, run, missing, different, added };
}

async function eventHashes([store, before]: Read, part: Pick<LogPart, "project" | "run">) {
  const hashes = new Map<string, bigint>();
  for await (const { events } of logPages(store, { after: null, before, ...part })) {
    for (const event of events) hashes.set(event.id, eventHash(event));
  }
  return hashes;
}
