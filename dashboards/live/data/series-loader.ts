import { LIMITS } from "../../../functions/event/event.ts";
import type { Cursor, SeriesQuery, StreamedEvent } from "../../../functions/stores/store.ts";
import type { Axis } from "../view.ts";
import type { Api } from "./api.ts";
import { pointsOf, type XKind } from "./event-points.ts";
import type { KnownRuns } from "./known-runs.ts";
import type { Requests } from "./requests.ts";
import { createSeriesStore } from "./series-store.ts";
import type { Stream } from "./stream.ts";

/**
 * Points a series is fetched with, fewer where there are many; twice as many are kept at the most.
 */
const POINTS = 500;
/** The fewest that the API thins a series to. */
const FEWEST_POINTS = 10;

export interface Wanted {
  runs: string[];
  metrics: string[];
  x: XKind;
}

interface Options {
  api: Api;
  project: string;
  known: KnownRuns;
  requests: Requests;
  stream: Stream;
  /** Where the list of runs was read. */
  listCursor(): Cursor | null;
  /** Called when the stream goes on at a later position than it had come to. */
  onSkipped(): void;
  onChange(): void;
}

/**
 * Creates what keeps the series that the charts want.
 *
 * A series and the stream meet without a gap and without a point twice because the stream is opened
 * at the cursor the series were read at. Series of runs that stand still are added without that;
 * should such a run speak after all, everything is read again.
 */
export function createSeriesLoader({
  api,
  project,
  known,
  requests,
  stream,
  listCursor,
  onSkipped,
  onChange,
}: Options) {
  const series = createSeriesStore(POINTS);
  let wanted: Wanted = { runs: [], metrics: [], x: "epoch" };
  let loaded: Wanted = wanted;
  /** Runs whose series were added while the stream went on. */
  let added = new Set<string>();

  /** Opens the stream where the list was read, if no series are to be read first. */
  function openFromList() {
    const cursor = listCursor();
    if (requests.isClosed() || requests.isAsking("series")) return;
    if (stream.cursor === null && cursor !== null) stream.open(cursor);
  }

  /** Reads all that is wanted, and opens the stream there. */
  async function sync() {
    requests.cancel("added");
    requests.cancel("series");
    const asked = wanted;
    if (asked.runs.length === 0 || asked.metrics.length === 0) {
      loaded = asked;
      series.replace(asked.x, []);
      openFromList();
      return onChange();
    }
    const page = await requests.ask("series", (signal) => api.series(queryOf(project, asked), signal));
    if (!page) return openFromList();
    series.replace(asked.x, page.series);
    loaded = asked;
    added = new Set();
    if (page.cursor !== stream.cursor) {
      const seamless = stream.cursor === null && page.cursor === listCursor();
      stream.open(page.cursor);
      // The list, or the old stream, may end before this position.
      if (!seamless) onSkipped();
    }
    onChange();
  }

  async function add(asked: Wanted, fresh: string[]) {
    const { answer, meanwhile } = await requests.askAndListen("added", (signal) =>
      api.series(queryOf(project, { ...asked, runs: fresh }), signal),
    );
    if (!answer) return;
    // One of them spoke while the answer was on its way, which may or may not hold what it said.
    if (meanwhile.some((event) => fresh.includes(event.run) && pointsOf(event).length > 0)) return void sync();
    series.add(answer.series);
    loaded = asked;
    for (const run of fresh) added.add(run);
    onChange();
  }

  /** Says what the charts need; fetches only what is not there yet. */
  function want(next: Wanted) {
    if (JSON.stringify(next) === JSON.stringify(wanted)) return;
    wanted = next;
    requests.cancel("added");
    const fresh = next.runs.filter((run) => !loaded.runs.includes(run));
    const more = next.x !== loaded.x || next.metrics.some((metric) => !loaded.metrics.includes(metric));
    const trains = (run: string) => known.runs.get(run)?.state === "running";
    if (requests.isAsking("series") || more || stream.cursor === null || fresh.some(trains)) return void sync();
    if (fresh.length > 0) return void add(next, fresh);
    loaded = next;
    series.drop((one) => next.runs.includes(one.run));
    onChange();
  }

  const isLevel = (level: string) => loaded.x !== "epoch" || level === "epoch";

  return {
    series,
    want,
    sync,
    openFromList,
    isWanted: (run: string) => wanted.runs.includes(run),
    wantedRuns: (): readonly string[] => wanted.runs,
    /** Takes streamed events; true if a series grew. */
    take(events: readonly StreamedEvent[]): boolean {
      let grew = false;
      let stale = false;
      for (const event of events) {
        if (event.kind === "purge") {
          series.drop(({ run }) => run !== event.run);
          grew = true;
        }
        if (!loaded.runs.includes(event.run)) continue;
        stale ||= added.has(event.run) && pointsOf(event).length > 0;
        grew = series.append(event, (metric, level) => loaded.metrics.includes(metric) && isLevel(level)) || grew;
      }
      if (stale) void sync();
      return grew;
    },
    /** Whether series that were asked for are still on their way. */
    isLoading: () => loaded !== wanted,
    /** Whether series were asked for and none has a point on this axis. */
    isWithoutPoints: (x: Axis) =>
      loaded === wanted && loaded.x === x && loaded.metrics.length > 0 && loaded.runs.length > 0 && series.isEmpty(),
  };
}

/** The question for series: the more there are, the fewer points each. */
function queryOf(project: string, { runs, metrics, x }: Wanted): SeriesQuery {
  const share = Math.floor(LIMITS.points / (runs.length * metrics.length));
  const points = Math.max(FEWEST_POINTS, Math.min(POINTS, share));
  return { project, runs, metrics, x, points, ...(x === "epoch" ? { level: "epoch" } : {}) };
}
