import { LIMITS } from "../../../functions/event/event.ts";
import type { Cursor, RunsQuery, StreamedEvent } from "../../../functions/stores/store.ts";
import { createKnownRuns } from "../runs/known-runs.ts";
import type { Axis } from "../view.ts";
import type { Api, Problem } from "./api.ts";
import { pointsOf, type XKind } from "./event-points.ts";
import { untilAnswered } from "./retry.ts";
import { createSeriesStore } from "./series-store.ts";
import { createStream, type StreamStatus } from "./stream.ts";

/** Points a series is fetched with, fewer where there are very many; twice as many are kept at the most. */
const POINTS = 500;
/** The fewest that the API thins a series to. */
const FEWEST_POINTS = 10;
/** Runs listed at a time, and at the most by one request. */
const PAGE = 100;
const MOST_LISTED = 1000;
const HIDDEN_FOR = 30_000;
const SILENT_FOR = 45_000;
/** Silent runs are asked after so often, and so many at a time. */
const WATCH_EVERY = 30_000;
const MOST_WATCHED = 5;

export interface Wanted {
  runs: string[];
  metrics: string[];
  x: XKind;
}

export interface FeedListener {
  runs(): void;
  series(): void;
  status(status: StreamStatus): void;
  /** A stretch of the log was not streamed: what was learned of single runs may be out of date. */
  skipped(): void;
  /** The stream was refused: is the session still good? */
  refused(): void;
  problem(problem: Problem): void;
}

export type ListQuery = Pick<RunsQuery, "text" | "sort" | "state"> & { archived: boolean };
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
  const known = createKnownRuns(project);
  const series = createSeriesStore(POINTS);
  let wanted: Wanted = { runs: [], metrics: [], x: "epoch" };
  let loaded: Wanted = wanted;
  let listed: ListQuery | null = null;
  let nextPage: string | null = null;
  let added = new Set<string>();
  let listCursor: Cursor | null = null;
  /** What is being asked: a new question of the same kind ends the one before. */
  const asking = new Map<string, AbortController>();
  let closed = false;

  const stream = createStream(project, {
    events: take,
    reset: () => {
      skipped();
      void sync();
    },
    status: (status) => listener.status(status),
    refused: () => listener.refused(),
  });

  /** The answer, however often it must be asked for; null if it was refused or is no longer wanted. */
  async function answer<T>(name: string, ask: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    if (closed) return null;
    leave(name);
    const mine = new AbortController();
    asking.set(name, mine);
    try {
      const got = await untilAnswered(() => ask(mine.signal), listener.problem, mine.signal);
      return mine.signal.aborted ? null : got;
    } catch (error) {
      if (!mine.signal.aborted) listener.problem(error as Problem);
      return null;
    } finally {
      if (asking.get(name) === mine) asking.delete(name);
    }
  }

  function leave(name: string) {
    asking.get(name)?.abort();
    asking.delete(name);
  }

  /** What is streamed while an answer is on its way, which may be newer than the answer. */
  const catching = new Set<StreamedEvent[]>();

  async function answerAndMeanwhile<T>(name: string, ask: (signal: AbortSignal) => Promise<T>) {
    const meanwhile: StreamedEvent[] = [];
    catching.add(meanwhile);
    const got = await answer(name, (signal) => {
      meanwhile.length = 0;
      return ask(signal);
    });
    catching.delete(meanwhile);
    return { got, meanwhile };
  }

  /** Brings runs that were just read up to what was streamed meanwhile. */
  function catchUp(runs: readonly { run: string }[], meanwhile: readonly StreamedEvent[]) {
    const read = new Set(runs.map(({ run }) => run));
    for (const event of meanwhile) {
      if (event.kind === "purge") known.forget(event.run);
      else if (read.has(event.run)) known.apply(event);
    }
    listener.runs();
  }

  function take(events: StreamedEvent[]) {
    for (const meanwhile of catching) meanwhile.push(...events);
    let grew = false;
    let stale = false;
    for (const event of events) {
      if (event.kind === "purge") {
        known.forget(event.run);
        series.drop(({ run }) => run !== event.run);
        grew = true;
        continue;
      }
      // Params and tags may have been sent before the place where the stream began.
      if (known.take(event) && event.kind !== "on_train_begin") void refresh(event.run);
      if (!loaded.runs.includes(event.run)) continue;
      stale ||= added.has(event.run) && pointsOf(event).length > 0;
      grew = series.append(event, (metric, level) => loaded.metrics.includes(metric) && isLevel(level)) || grew;
    }
    listener.runs();
    if (grew) listener.series();
    if (stale) void sync();
  }

  const isLevel = (level: string) => loaded.x !== "epoch" || level === "epoch";

  /** The stream goes on at a later place than it had come to: what lies between must be read. */
  function skipped() {
    known.skip(wanted.runs);
    listener.skipped();
    if (listed) void list(listed, { again: true });
  }

  async function list(asked: ListQuery, { page, again = false }: { page?: string; again?: boolean } = {}) {
    listed = asked;
    if (!page) leave("more");
    const { archived, ...rest } = asked;
    const limit = again ? Math.min(MOST_LISTED, Math.max(PAGE, known.runs.size)) : PAGE;
    // Without the parameter both kinds are given.
    const query = { project, ...rest, ...(archived ? {} : { archived: false }), limit, page };
    const { got, meanwhile } = await answerAndMeanwhile(page ? "more" : "list", (signal) => api.runs(query, signal));
    if (!got) return;
    // One that has begun since the list was read is in the stream.
    if (again) leaveOut(new Set([...got.runs, ...meanwhile].map(({ run }) => run)));
    for (const run of got.runs) known.putListed(run);
    nextPage = got.next;
    listCursor = got.cursor;
    catchUp(got.runs, meanwhile);
    openFromList();
  }

  /** Runs that are listed no longer may have been erased. */
  function leaveOut(stay: ReadonlySet<string>) {
    for (const run of known.runs.keys()) {
      if (stay.has(run)) continue;
      if (wanted.runs.includes(run)) void refresh(run);
      else known.forget(run);
    }
  }

  /** Where no series are to be read first, the stream begins where the list was read. */
  function openFromList() {
    if (!closed && !asking.has("series") && stream.cursor === null && listCursor !== null) stream.open(listCursor);
  }

  async function refresh(run: string) {
    const { got, meanwhile } = await answerAndMeanwhile(`run ${run}`, (signal) =>
      api.run(project, run, signal).catch((problem: Problem) => {
        if (problem.status === 404) return "gone" as const;
        throw problem;
      }),
    );
    if (!got) return;
    if (got === "gone") known.forget(run);
    else known.putDetail(got);
    catchUp([{ run }], meanwhile);
  }

  const fetchSeries = (asked: Wanted, signal: AbortSignal) => {
    const share = Math.floor(LIMITS.points / (asked.runs.length * asked.metrics.length));
    return api.series(
      {
        project,
        ...asked,
        points: Math.max(FEWEST_POINTS, Math.min(POINTS, share)),
        ...(asked.x === "epoch" ? { level: "epoch" as const } : {}),
      },
      signal,
    );
  };

  async function sync() {
    leave("added");
    leave("series");
    const asked = wanted;
    if (asked.runs.length === 0 || asked.metrics.length === 0) {
      loaded = asked;
      series.replace(asked.x, []);
      openFromList();
      return listener.series();
    }
    const page = await answer("series", (signal) => fetchSeries(asked, signal));
    if (!page) return openFromList();
    series.replace(asked.x, page.series);
    loaded = asked;
    added = new Set();
    if (page.cursor !== stream.cursor) {
      const seamless = stream.cursor === null && page.cursor === listCursor;
      stream.open(page.cursor);
      // The list, or the old stream, may end before this place.
      if (!seamless) skipped();
    }
    listener.series();
  }

  async function add(asked: Wanted, fresh: string[]) {
    const { got, meanwhile } = await answerAndMeanwhile("added", (signal) =>
      fetchSeries({ ...asked, runs: fresh }, signal),
    );
    if (!got) return;
    // One of them spoke while the answer was on its way, which may or may not hold what it said.
    if (meanwhile.some((event) => fresh.includes(event.run) && pointsOf(event).length > 0)) return void sync();
    series.add(got.series);
    loaded = asked;
    for (const run of fresh) added.add(run);
    listener.series();
  }

  /** Says what the charts need; fetches only if that is not there yet. */
  function want(next: Wanted) {
    if (JSON.stringify(next) === JSON.stringify(wanted)) return;
    wanted = next;
    leave("added");
    const fresh = next.runs.filter((run) => !loaded.runs.includes(run));
    const more = next.x !== loaded.x || next.metrics.some((metric) => !loaded.metrics.includes(metric));
    const trains = (run: string) => known.runs.get(run)?.state === "running";
    if (asking.has("series") || more || stream.cursor === null || fresh.some(trains)) return void sync();
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
    for (const run of known.silent(SILENT_FOR).slice(0, MOST_WATCHED)) void refresh(run);
  }, WATCH_EVERY);

  return {
    runs: known.runs,
    series,
    latest: known.latest,
    audit: known.audit,
    pendingStop: known.pendingStop,
    /** Whether the list of runs has been read once. */
    isListed: () => listCursor !== null,
    /** Whether series that were asked for are still on their way. */
    isLoading: () => loaded !== wanted,
    /** Whether series were asked for and none has a point on this axis. */
    isWithoutPoints: (x: Axis) =>
      loaded === wanted && loaded.x === x && loaded.metrics.length > 0 && loaded.runs.length > 0 && series.isEmpty(),
    hasMore: () => nextPage !== null,
    list: (asked: ListQuery) => list(asked),
    more: async () => listed && nextPage !== null && list(listed, { page: nextPage }),
    refresh,
    want,
    close() {
      closed = true;
      for (const name of [...asking.keys()]) leave(name);
      stream.close();
      clearTimeout(hiding);
      clearInterval(watch);
      document.removeEventListener("visibilitychange", onVisibility);
    },
  };
}
