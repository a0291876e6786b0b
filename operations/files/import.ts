import { existsSync } from "node:fs";
import type { Event } from "../../functions/event/event.ts";
import { Refusal } from "../../functions/refusals/refusal.ts";
import type { Store } from "../../functions/stores/store.ts";
import { Mistake } from "../mistake.ts";
import type { OnProgress } from "../progress.ts";
import { readEvent } from "./event-fields.ts";
import type { FileFormat } from "./file-format.ts";

/** What became of the events of a file, as counts. */
export interface Imported {
  events: number;
  /** Those that are new in the store. */
  accepted: number;
  /** Those that were there. */
  duplicates: number;
  /** Those that stand there with another body, and stayed so. */
  conflicts: number;
  /** Those of runs that were purged there, and were not stored. */
  purged: number;
}

/** Refuses a file that is not there, before a store is opened for it. */
export function checkSource(file: string): void {
  if (!existsSync(file)) throw new Mistake(`There is no file ${file}.`);
}

/** Appends the events of a file. All of it is checked before any of it is stored. */
export async function importEvents(
  store: Store,
  { file, format }: { file: string; format: FileFormat },
  onProgress: OnProgress,
): Promise<Imported> {
  let total = 0;
  for await (const events of eventsIn(format, file)) {
    total += events.length;
    onProgress(total, 0, "checking");
  }
  const found: Imported = { events: 0, accepted: 0, duplicates: 0, conflicts: 0, purged: 0 };
  for await (const events of eventsIn(format, file)) {
    const { accepted, duplicates, conflicts, purged = [] } = await store.append(events);
    found.events += events.length;
    found.accepted += accepted;
    found.duplicates += duplicates;
    found.conflicts += conflicts.length;
    found.purged += purged.length;
    onProgress(found.events, total, "importing");
  }
  return found;
}

async function* eventsIn(format: FileFormat, file: string): AsyncGenerator<Event[]> {
  try {
    for await (const page of format.read(file)) yield page.map(({ fields, source }) => readEvent(fields, source));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") throw error;
    // DuckDB says over many lines what the first says.
    const [said] = (error as Error).message.split("\n");
    const fix = error instanceof Refusal && error.details.fix !== undefined ? ` ${error.details.fix}` : "";
    throw new Mistake(`${file}: ${said}${fix}`);
  }
}
