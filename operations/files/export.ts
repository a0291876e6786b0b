import { existsSync, statSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { LoggedEvent, LogPart, Store } from "../../functions/stores/store.ts";
import { logPages } from "../copy/log-pages.ts";
import { Mistake } from "../mistake.ts";
import type { OnProgress } from "../progress.ts";
import type { FileFormat } from "./file-format.ts";

export interface ExportOrder {
  file: string;
  format: FileFormat;
  /** Default: all projects. */
  project?: string | undefined;
  /** One run of the project. */
  run?: string | undefined;
}

export interface Exported {
  events: number;
  bytes: number;
}

/** Refuses where no file can be, or one is already, before a store is opened for it. */
export function checkTarget({ file, force }: { file: string; force: boolean }): void {
  if (!existsSync(dirname(file))) throw new Mistake(`${file}: there is no folder ${dirname(file)}. Make it first.`);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new Mistake(`${file} is a folder. Name a file in it.`);
  if (existsSync(file) && !force) throw new Mistake(`${file} is there already. Use --force to write over it.`);
}

/**
 * Writes the events of a store to a file, whole or not at all. Rejects with a Mistake where the
 * store gave another number of events than it says it has.
 */
export async function exportEvents(store: Store, order: ExportOrder, onProgress: OnProgress): Promise<Exported> {
  const { file, format, project, run } = order;
  // Renamed when it is whole, so that half a file is never taken for one.
  const partial = `${file}.partial`;
  try {
    const part: LogPart = { after: null, before: await store.settled(), project, run };
    const events = await store.logSize(part);
    let written = 0;
    const pages = pagesOf(store, part, (done) => {
      written = done;
      onProgress(done, events, "exporting");
    });
    await format.write(partial, pages);
    if (written !== events) throw new Mistake(incomplete(file, events, written));
    await rename(partial, file);
    return { events, bytes: (await stat(file)).size };
  } finally {
    await rm(partial, { force: true });
  }
}

function incomplete(file: string, events: number, written: number): string {
  return (
    `${file} was not written: the store says that it has ${events} events, and gave ${written}. ` +
    "Unless something was purged meanwhile, its log is not in order; else run it again."
  );
}

async function* pagesOf(store: Store, part: LogPart, at: (done: number) => void): AsyncGenerator<LoggedEvent[]> {
  let done = 0;
  for await (const { events } of logPages(store, part)) {
    yield events;
    done += events.length;
    at(done);
  }
}
