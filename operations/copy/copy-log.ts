import type { Cursor, Store } from "../../functions/stores/store.ts";
import type { OnProgress } from "../progress.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { logPages } from "./log-pages.ts";

export interface Copied {
  events: number;
  /** Those that stood in the target already. */
  duplicates: number;
  /** Ids that stood in the target with another body, which stayed. */
  conflicts: string[];
  /** Ids of events that the target does not take, because their run was purged there. */
  purged: string[];
  /** The copy holds all of the source that lies before it. */
  end: Cursor;
}

/** So few events in the last pass are as close as one comes to runs that go on. */
const CAUGHT_UP = 5_000;

/**
 * Appends a log to another store, page by page in its order, until it has caught up with what is
 * appended to the source meanwhile. Done again it stores nothing twice: identity is (project,
 * event_id).
 */
export async function copyLog(from: Store, to: Store, checkpoint: Checkpoint, onProgress: OnProgress): Promise<Copied> {
  const copied: Copied = { events: 0, duplicates: 0, conflicts: [], purged: [], end: await from.settled() };
  let after = checkpoint.read();
  for (;;) {
    const left = await from.logSize({ after, before: copied.end });
    const total = copied.events + left;
    for await (const { events, cursor } of logPages(from, { after, before: copied.end })) {
      if (events.length > 0) {
        const { duplicates, conflicts, purged = [] } = await to.append(events);
        copied.events += events.length;
        copied.duplicates += duplicates;
        copied.conflicts.push(...conflicts);
        copied.purged.push(...purged);
      }
      after = cursor;
      checkpoint.write(cursor);
      onProgress(copied.events, total, "copying");
    }
    if (left < CAUGHT_UP) return copied;
    copied.end = await from.settled();
  }
}
