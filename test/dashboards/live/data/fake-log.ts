import { RunsQuery, read, SeriesQuery } from "../../../../functions/http/schemas.ts";
import type { Cursor, RunDetail, RunsPage, SeriesPage, StreamedEvent } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../../functions/event/sample-event.ts";
import { type MemoryStore, openMemoryStore } from "../../../functions/stores/memory/memory-store.ts";
import { streamedOf } from "../../../functions/stores/memory/memory-views.ts";

/** An event to be logged; what is left out is made up. */
export type Logged = Pick<StreamedEvent, "run" | "kind"> &
  Partial<Pick<StreamedEvent, "actor" | "at" | "logs"> & Record<"epoch" | "step" | "batch" | "seq", number>>;

export type FakeLog = ReturnType<typeof createFakeLog>;

/**
 * The log of one project, answered by the model that the stores are compared with. A cursor is a
 * count of events.
 */
export function createFakeLog(project: string) {
  const events: StreamedEvent[] = [];
  let store = openMemoryStore();

  function append({ at = Date.now(), logs = null, ...logged }: Logged): StreamedEvent {
    const createdAt = Math.round(at * 1000);
    const event = { project, seq: events.length + 1, createdAt, logs: logs && JSON.stringify(logs), ...logged };
    void store.append([sampleEvent(event)]);
    events.push(streamedOf(store.rows.at(-1)!));
    if (logged.kind === "purge") store = without(store, logged.run);
    return events.at(-1)!;
  }

  const cursor = (): Cursor => String(events.length);
  const queryOf = (search: URLSearchParams) => ({
    ...Object.fromEntries(search),
    run: search.getAll("run"),
    metric: search.getAll("metric"),
  });

  return {
    events,
    append,
    cursor,
    async runs(search: URLSearchParams): Promise<RunsPage> {
      const position = cursor();
      return { ...(await store.runs({ project, ...read(RunsQuery, queryOf(search)) })), cursor: position };
    },
    run: (id: string): Promise<RunDetail | null> => store.run(project, id),
    async series(search: URLSearchParams): Promise<SeriesPage> {
      const { run: runs, metric: metrics, ...how } = read(SeriesQuery, queryOf(search));
      const position = cursor();
      return { ...(await store.series({ project, runs, metrics, ...how })), cursor: position };
    },
  };
}

/** The store as it is after a run was erased. */
function without(store: MemoryStore, run: string): MemoryStore {
  const rest = openMemoryStore();
  rest.rows.push(...store.rows.filter((row) => row.run !== run).map((row, pos) => ({ ...row, pos })));
  return rest;
}
