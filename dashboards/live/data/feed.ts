import type { StreamedEvent } from "../../../functions/stores/store.ts";
import type { Api, Problem } from "./api.ts";
import { createKnownRuns } from "./known-runs.ts";
import { createRequests } from "./requests.ts";
import { createRunLoader } from "./run-loader.ts";
import { createSeriesLoader } from "./series-loader.ts";
import { createStream, type StreamStatus } from "./stream.ts";

/** A page that nobody looks at for so long rests. */
const HIDDEN_MS = 30_000;

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

export type Feed = ReturnType<typeof createFeed>;

/**
 * Creates all that is known of a project, kept up to date by one stream.
 *
 * Series and stream meet exactly (see `series-loader.ts`). The list of runs, read at another
 * moment, may take a stretch of the log twice, which ends the same.
 */
export function createFeed(api: Api, project: string, listener: FeedListener, run?: string) {
  const known = createKnownRuns(project);
  const requests = createRequests(listener.problem);
  const told = {
    events: take,
    reset() {
      skipped();
      void charts.sync();
    },
    status: listener.status,
    refused: listener.refused,
  };
  const stream = createStream(api, project, told, run);
  const runs = createRunLoader({
    api,
    project,
    known,
    requests,
    isWanted: (run) => charts.wantedRuns().includes(run),
    onListed: () => charts.openFromList(),
    onChange: listener.runs,
  });
  const charts = createSeriesLoader({
    api,
    project,
    known,
    requests,
    stream,
    listCursor: () => runs.cursor,
    onSkipped: skipped,
    onChange: listener.series,
  });

  function take(events: StreamedEvent[]) {
    requests.heard(events);
    for (const event of events) {
      if (event.kind === "purge") known.forget(event.run);
      // Params and tags may have been sent before the position where the stream began.
      else if (known.take(event) && event.kind !== "on_train_begin") void runs.refresh(event.run);
    }
    const grew = charts.take(events);
    listener.runs();
    if (grew) listener.series();
  }

  /** The stream goes on at a later position than it had come to: what lies between must be read. */
  function skipped() {
    known.skip(charts.wantedRuns());
    listener.skipped();
    void runs.listAgain();
  }

  let hiding: ReturnType<typeof setTimeout> | undefined;
  const onVisibility = () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(stream.pause, HIDDEN_MS);
    else stream.resume();
  };
  document.addEventListener("visibilitychange", onVisibility);

  return {
    runs: known.runs,
    series: charts.series,
    latest: known.latest,
    audit: known.audit,
    revision: known.revision,
    pendingStop: known.pendingStop,
    /** Whether the list of runs has been read once. */
    isListed: () => runs.cursor !== null,
    isLoaded: charts.isLoaded,
    refusalOf: charts.refusalOf,
    isWithoutPoints: charts.isWithoutPoints,
    isListing: () => requests.isAsking("list"),
    hasMore: runs.hasMore,
    list: runs.list,
    more: runs.more,
    refresh: runs.refresh,
    locate: runs.locate,
    want: charts.want,
    close() {
      requests.close();
      runs.close();
      stream.close();
      clearTimeout(hiding);
      document.removeEventListener("visibilitychange", onVisibility);
    },
  };
}
