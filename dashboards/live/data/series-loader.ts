import type { Cursor, Level, StreamedEvent } from "../../../functions/stores/store.ts";
import type { Axis } from "../view.ts";
import type { Api } from "./api.ts";
import { pointsOf } from "./event-points.ts";
import type { KnownRuns } from "./known-runs.ts";
import type { Requests } from "./requests.ts";
import { createSeriesReader, POINTS, type Wanted } from "./series-reader.ts";
import { createSeriesStore, type SeriesStore } from "./series-store.ts";
import type { Stream } from "./stream.ts";

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
export function createSeriesLoader(options: Options) {
  const { known, requests, stream, listCursor, onSkipped, onChange } = options;
  const reader = createSeriesReader(options.api, options.project);
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

  function putNothing(asked: Wanted) {
    loaded = asked;
    series.replace(asked.x, [], asked);
    openFromList();
    onChange();
  }

  /** Reads all that is wanted, and opens the stream there. */
  async function sync() {
    requests.cancel("added");
    requests.cancel("series");
    const asked = wanted;
    if (asked.runs.length === 0 || asked.metrics.length === 0) return putNothing(asked);
    const answer = await requests.ask("series", async (signal) => ({ page: await reader.read(asked, signal) }));
    if (!answer) return openFromList();
    const { page } = answer;
    if (!page) return putNothing(asked);
    series.replace(asked.x, page.series, asked);
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

  /** Reads only what is new: some runs, or some metrics of runs that all stand still. */
  async function add(asked: Wanted, fresh: Wanted) {
    const { answer, meanwhile } = await requests.askAndListen("added", async (signal) => ({
      page: await reader.read(fresh, signal),
    }));
    if (!answer) return;
    // One of them spoke while the answer was on its way, which may or may not hold what it said.
    if (meanwhile.some((event) => fresh.runs.includes(event.run) && pointsOf(event).length > 0)) return void sync();
    keepOnly(asked);
    series.add(answer.page?.series ?? []);
    loaded = asked;
    for (const run of fresh.runs) added.add(run);
    onChange();
  }

  const keepOnly = ({ runs, metrics }: Wanted) =>
    series.drop((one) => runs.includes(one.run) && metrics.includes(one.metric));

  /** Says what the charts need; fetches only what is not there yet. */
  function want(next: Wanted) {
    if (JSON.stringify(next) === JSON.stringify(wanted)) return;
    wanted = next;
    requests.cancel("added");
    const fresh = missing(next, loaded);
    const trains = (run: string) => known.runs.get(run)?.state === "running";
    if (requests.isAsking("series") || stream.cursor === null || fresh === "all") return void sync();
    if (fresh?.runs.some(trains)) return void sync();
    if (fresh) return void add(next, fresh);
    loaded = next;
    keepOnly(next);
    onChange();
  }

  return {
    series,
    want,
    sync,
    openFromList,
    wantedRuns: (): readonly string[] => wanted.runs,
    /** Takes streamed events; true if a series grew. */
    take(events: readonly StreamedEvent[]): boolean {
      const { grew, said } = append(series, loaded, events);
      if (said.some((run) => added.has(run))) void sync();
      return grew;
    },
    /** Whether the series of a metric are there, if it has any. */
    isLoaded: (metric: string) => loaded.x === wanted.x && loaded.metrics.includes(metric),
    /** Why a metric cannot be charted; null where it can. */
    refusalOf: reader.refusalOf,
    /** Whether series were asked for and none has a point on this axis. */
    isWithoutPoints: (x: Axis) =>
      loaded === wanted && loaded.x === x && loaded.metrics.length > 0 && loaded.runs.length > 0 && series.isEmpty(),
  };
}

/** What is wanted and not loaded: null if nothing, "all" if it is no single question. */
function missing(wanted: Wanted, loaded: Wanted): Wanted | "all" | null {
  const runs = wanted.runs.filter((run) => !loaded.runs.includes(run));
  const metrics = wanted.metrics.filter((metric) => !loaded.metrics.includes(metric));
  const isOtherwise = (["x", "smoothing", "means"] as const).some((how) => wanted[how] !== loaded[how]);
  if (isOtherwise || (runs.length > 0 && metrics.length > 0)) return "all";
  if (runs.length > 0) return { ...wanted, runs };
  return metrics.length > 0 ? { ...wanted, metrics } : null;
}

/**
 * Adds events to the series that are loaded. `said` are the runs that said something new of their
 * metrics.
 */
function append(series: SeriesStore, loaded: Wanted, events: readonly StreamedEvent[]) {
  let grew = false;
  const said: string[] = [];
  const isLoaded = (metric: string, level: Level) =>
    loaded.metrics.includes(metric) && (loaded.x !== "epoch" || level === "epoch");
  for (const event of events) {
    if (event.kind === "purge") {
      series.drop(({ run }) => run !== event.run);
      grew = true;
    }
    if (!loaded.runs.includes(event.run)) continue;
    if (pointsOf(event).length > 0) said.push(event.run);
    grew = series.append(event, isLoaded) || grew;
  }
  return { grew, said };
}
