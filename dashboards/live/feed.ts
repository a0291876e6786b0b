import type { Cursor, RunsQuery, RunWithSummary, StreamedEvent } from "../../functions/stores/store.ts";
import type { Api, Problem } from "./api.ts";
import { pointsOf, type XKind } from "./event-points.ts";
import { createLatest } from "./latest.ts";
import { type AuditEntry, applyEvent, lastStop, newRun } from "./run-events.ts";
import { createSeriesStore } from "./series-store.ts";
import { createStream, type StreamStatus } from "./stream.ts";

/** Points a series is fetched with; twice as many are kept at the most. */
const POINTS = 500;
const HIDDEN_FOR = 30_000;
const SILENT_FOR = 45_000;

export interface Wanted {
  runs: string[];
  metrics: string[];
  x: XKind;
}

export interface FeedListener {
  runs(): void;
  series(): void;
  status(status: StreamStatus): void;
  /** The stream was refused: is the session still good? */
  refused(): void;
  problem(problem: Problem): void;
}

export type ListQuery = Pick<RunsQuery, "text" | "sort"> & { archived: boolean };
export type Feed = ReturnType<typeof createFeed>;

/**
 * All that is known of a project, kept up to date by one stream.
 *
 * A series and the stream meet without a gap and without a point twice because the stream (re)starts at the
 * place the series were read at; the list of runs, read at another moment, can take the stretch between twice.
 * A series of a run that stands still is added without a restart; should the run speak after all, everything
 * is read again.
 */
export function createFeed(api: Api, project: string, listener: FeedListener) {
  const runs = new Map<string, RunWithSummary>();
  const audits = new Map<string, AuditEntry[]>();
  const resumedAt = new Map<string, string>();
  const latest = createLatest();
  const series = createSeriesStore(POINTS);
  let wanted: Wanted = { runs: [], metrics: [], x: "epoch" };
  let loaded: Wanted = { runs: [], metrics: [], x: "epoch" };
  let listed: ListQuery | null = null;
  let nextPage: string | null = null;
  let added = new Set<string>();
  let syncing: AbortController | null = null;
  let listCursor: Cursor | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const stream = createStream(project, {
    events: take,
    reset: () => void Promise.all([list(listed ?? { sort: "-started_at", archived: false }), sync()]),
    status: (status) => listener.status(status),
    refused: () => listener.refused(),
  });

  /** What is streamed while an answer is on its way, which may be newer than the answer: taken again after it. */
  const catching = new Set<StreamedEvent[]>();

  async function catchingUp<T>(answer: Promise<T>, use: (answer: T) => void) {
    const meanwhile: StreamedEvent[] = [];
    catching.add(meanwhile);
    try {
      const got = await answer;
      if (closed) return;
      use(got);
      for (const event of meanwhile) {
        const run = runs.get(event.run);
        if (event.kind === "purge") runs.delete(event.run);
        else if (run) applyEvent(run, event);
      }
    } finally {
      catching.delete(meanwhile);
    }
    listener.runs();
  }

  function take(events: StreamedEvent[]) {
    for (const meanwhile of catching) meanwhile.push(...events);
    let grew = false;
    let stale = false;
    for (const event of events) {
      if (event.kind === "purge") {
        forget(event.run);
        grew = true;
        continue;
      }
      let run = runs.get(event.run);
      if (!run) {
        run = newRun(project, event);
        runs.set(event.run, run);
        // Params and tags may have been sent before the place where the stream began.
        if (event.kind !== "on_train_begin") void refresh(event.run);
      }
      applyEvent(run, event);
      latest.take(event);
      if (event.kind === "on_train_begin") resumedAt.set(event.run, run.last_event_at);
      if (event.actor !== null) noteAudit(event);
      if (!loaded.runs.includes(event.run)) continue;
      stale ||= added.has(event.run) && pointsOf(event).length > 0;
      grew = series.append(event, (metric, level) => loaded.metrics.includes(metric) && isLevel(level)) || grew;
    }
    listener.runs();
    if (grew) listener.series();
    if (stale) void sync();
  }

  /** A run that was erased. */
  function forget(run: string) {
    for (const known of [runs, audits, resumedAt]) known.delete(run);
    latest.forget(run);
    series.drop((one) => one.run !== run);
  }

  const isLevel = (level: string) => loaded.x !== "epoch" || level === "epoch";

  function noteAudit(event: StreamedEvent) {
    const entry = { kind: event.kind, actor: event.actor, at: new Date(event.at).toISOString(), logs: event.logs };
    const known = audits.get(event.run) ?? [];
    const same = (old: AuditEntry) => old.kind === entry.kind && Date.parse(old.at) === Date.parse(entry.at);
    if (!known.some(same)) audits.set(event.run, [...known, entry]);
  }

  const failed = (error: unknown) => {
    if (!closed && (error as Error).name !== "AbortError") listener.problem(error as Problem);
  };

  async function list(asked: ListQuery, page?: string) {
    listed = asked;
    const { archived, ...rest } = asked;
    // Without the parameter both kinds are given.
    const answer = api.runs({ project, limit: 100, ...rest, ...(archived ? {} : { archived: false }), page });
    await catchingUp(answer, (got) => {
      for (const run of got.runs) runs.set(run.run, { ...run, summary: withBatches(run) });
      nextPage = got.next;
      listCursor = got.cursor;
    }).catch(failed);
    if (!closed && !syncing && stream.cursor === null && listCursor !== null) stream.open(listCursor);
  }

  /** A list has epoch-level rows only; what a run's detail or the stream told of batches stays. */
  const withBatches = (run: RunWithSummary) => [
    ...run.summary.filter((row) => row.level === "epoch"),
    ...(runs.get(run.run)?.summary.filter((row) => row.level === "batch") ?? []),
  ];

  async function refresh(run: string) {
    await catchingUp(api.run(project, run), ({ audit, stop, ...rest }) => {
      runs.set(run, rest);
      audits.set(run, audit);
      // Whatever was asked last has been answered, by an end or a new beginning that was not seen here.
      if (stop === null) resumedAt.set(run, lastStop(audit)?.at ?? "");
    }).catch((error: Problem) => error.status !== 404 && failed(error));
  }

  const fetchSeries = (asked: Wanted, signal?: AbortSignal) =>
    api.series(
      { project, ...asked, points: POINTS, ...(asked.x === "epoch" ? { level: "epoch" as const } : {}) },
      signal,
    );

  async function sync() {
    syncing?.abort();
    const mine = new AbortController();
    syncing = mine;
    const asked = wanted;
    if (asked.runs.length === 0 || asked.metrics.length === 0) {
      loaded = asked;
      series.replace(asked.x, []);
      return listener.series();
    }
    clearTimeout(retry);
    const page = await fetchSeries(asked, mine.signal).catch(failed);
    if (syncing !== mine) return;
    syncing = null;
    if (!page || closed) {
      if (!closed) retry = setTimeout(sync, 5000);
      return;
    }
    series.replace(asked.x, page.series);
    loaded = asked;
    added = new Set();
    if (page.cursor !== stream.cursor) {
      const seamless = stream.cursor === null && page.cursor === listCursor;
      stream.open(page.cursor);
      // The list, or the old stream, may end before this place.
      if (!seamless && listed) void list(listed);
    }
    listener.series();
  }

  async function add(asked: Wanted, fresh: string[]) {
    const meanwhile: StreamedEvent[] = [];
    catching.add(meanwhile);
    const page = await fetchSeries({ ...asked, runs: fresh }).catch(failed);
    catching.delete(meanwhile);
    if (!page || closed || wanted !== asked) return;
    // One of them spoke while the answer was on its way, which may or may not hold what it said.
    if (meanwhile.some((event) => fresh.includes(event.run) && pointsOf(event).length > 0)) return void sync();
    series.add(page.series);
    loaded = asked;
    for (const run of fresh) added.add(run);
    listener.series();
  }

  /** Says what the charts need; fetches only if that is not there yet. */
  function want(next: Wanted) {
    if (JSON.stringify(next) === JSON.stringify(wanted)) return;
    wanted = next;
    const fresh = next.runs.filter((run) => !loaded.runs.includes(run));
    const more = next.x !== loaded.x || next.metrics.some((metric) => !loaded.metrics.includes(metric));
    if (syncing || more || stream.cursor === null || fresh.some((run) => runs.get(run)?.state === "running"))
      return void sync();
    if (fresh.length > 0) return void add(next, fresh);
    loaded = next;
    series.drop((one) => next.runs.includes(one.run));
    listener.series();
  }

  let hiding: ReturnType<typeof setTimeout> | undefined;
  const onVisibility = () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(stream.pause, HIDDEN_FOR);
    else stream.resume();
  };
  document.addEventListener("visibilitychange", onVisibility);

  // A run that went silent may be lost, which only the server can tell.
  const watch = setInterval(() => {
    if (document.hidden) return;
    const silent = (run: RunWithSummary) =>
      run.state === "running" && Date.now() - Date.parse(run.last_event_at) > SILENT_FOR;
    for (const run of [...runs.values()].filter(silent).slice(0, 5)) void refresh(run.run);
  }, 30_000);

  return {
    runs: runs as ReadonlyMap<string, RunWithSummary>,
    series,
    latest,
    audit: (run: string): readonly AuditEntry[] => audits.get(run) ?? [],
    resumedAt: (run: string): string => resumedAt.get(run) ?? "",
    /** Whether the list of runs has been read once. */
    isListed: () => listCursor !== null,
    /** Whether series that were asked for are still on their way. */
    isLoading: () => loaded !== wanted,
    hasMore: () => nextPage !== null,
    list: (asked: ListQuery) => list(asked),
    more: async () => listed && nextPage !== null && list(listed, nextPage),
    refresh,
    want,
    close() {
      closed = true;
      syncing?.abort();
      clearTimeout(retry);
      stream.close();
      clearTimeout(hiding);
      clearInterval(watch);
      document.removeEventListener("visibilitychange", onVisibility);
    },
  };
}
