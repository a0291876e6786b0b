import type { Cursor, LogPart, Store } from "../functions/stores/store.ts";
import { eventHash, Fingerprint, type RunFingerprint, type Tally } from "./fingerprint.ts";
import { logPages } from "./log-pages.ts";
import type { ProgressBar } from "./progress-bar.ts";

/** What is wrong with one run of a copy. */
export interface Difference {
  project: string;
  run: string;
  /** Ids of events that the target lacks. */
  missing: string[];
  /** Ids of events that say something else there. */
  different: string[];
}

export interface Verification {
  runs: number;
  events: number;
  metrics: number;
  /** Of all runs of the source, as 16 hex digits, in both stores. */
  hash: { from: string; to: string };
  differences: Difference[];
  /** Events of these runs that only the target has. */
  added: number;
}

/**
 * Reads both logs and compares them: by count and hash for every run and every metric, and event by event where those
 * differ. What the target holds beside the source's runs is none of the copy's business.
 */
export async function verify(from: Store, to: Store, end: Cursor, bar: ProgressBar): Promise<Verification> {
  const source = await fingerprint(from, end, bar, "reading the source");
  const target = await fingerprint(to, await to.cursor(), bar, "reading the target");
  const found: Verification = { runs: 0, events: 0, metrics: 0, hash: { from: "", to: "" }, differences: [], added: 0 };
  const sums = { from: 0n, to: 0n };
  for (const [key, expected] of source.runs) {
    const actual = target.runs.get(key);
    found.runs += 1;
    found.events += expected.count;
    found.metrics += expected.metrics.size;
    sums.from += expected.hash;
    sums.to += actual?.hash ?? 0n;
    if (actual !== undefined && isEqual(expected, actual)) continue;
    const { added, ...difference } = await compareRun(from, to, end, expected);
    found.added += added;
    if (difference.missing.length + difference.different.length > 0) found.differences.push(difference);
  }
  const text = (sum: bigint) => BigInt.asUintN(64, sum).toString(16).padStart(16, "0");
  found.hash = { from: text(sums.from), to: text(sums.to) };
  return found;
}

async function fingerprint(store: Store, before: Cursor, bar: ProgressBar, what: string): Promise<Fingerprint> {
  const found = new Fingerprint();
  const total = await store.logSize({ after: null, before });
  let done = 0;
  for await (const { events } of logPages(store, { after: null, before })) {
    for (const event of events) found.add(event);
    done += events.length;
    bar.at(done, total, what);
  }
  return found;
}

function isEqual(a: RunFingerprint, b: RunFingerprint): boolean {
  if (!isSame(a, b) || a.metrics.size !== b.metrics.size) return false;
  for (const [name, tally] of a.metrics) if (!isSame(tally, b.metrics.get(name))) return false;
  return true;
}

const isSame = (a: Tally, b: Tally | undefined): boolean => a.count === b?.count && a.hash === b.hash;

async function compareRun(from: Store, to: Store, end: Cursor, { project, run }: RunFingerprint) {
  const source = await eventHashes(from, { before: end, project, run });
  const target = await eventHashes(to, { before: await to.cursor(), project, run });
  const missing = [...source.keys()].filter((id) => !target.has(id));
  const different = [...source].filter(([id, hash]) => target.has(id) && target.get(id) !== hash).map(([id]) => id);
  const added = [...target.keys()].filter((id) => !source.has(id)).length;
  return { project, run, missing, different, added };
}

async function eventHashes(store: Store, part: Omit<LogPart, "after">) {
  const hashes = new Map<string, bigint>();
  for await (const { events } of logPages(store, { after: null, ...part })) {
    for (const event of events) hashes.set(event.id, eventHash(event));
  }
  return hashes;
}
