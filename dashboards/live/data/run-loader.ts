import type { Cursor, RunsQuery, SeriesQuery, StreamedEvent } from "../../../functions/stores/store.ts";
import type { Api, Problem } from "./api.ts";
import type { KnownRuns } from "./known-runs.ts";
import type { Requests } from "./requests.ts";

/** Runs listed at a time, and at the most by one request. */
const PAGE = 100;
const MOST_LISTED = 1000;
/**
 * A run that trains and was not heard of for so long may be lost, which only the server can tell.
 */
const SILENT_MS = 45_000;
/** Silent runs are asked after so often, and so many at a time. */
const WATCH_EVERY_MS = 30_000;
const MOST_WATCHED = 5;
/** The fewest that the API thins a series to; the first and the last are among them. */
const FEWEST_POINTS = 10;

export type ListQuery = Pick<RunsQuery, "text" | "sort" | "state"> & { archived: boolean };

interface Options {
  api: Api;
  project: string;
  known: KnownRuns;
  requests: Requests;
  /** Whether a run is in the charts. */
  isWanted(run: string): boolean;
  /** Called when a list was read. */
  onListed(): void;
  onChange(): void;
}

/** Creates what reads lists of runs and single runs into what is known of a project. */
export function createRunLoader({ api, project, known, requests, isWanted, onListed, onChange }: Options) {
  let listed: ListQuery | null = null;
  let nextPage: string | null = null;
  let cursor: Cursor | null = null;
  /** Counts answers; by run, which one was taken last. */
  let answers = 0;
  const takenAt = new Map<string, number>();

  function put(run: string, take: () => void) {
    take();
    takenAt.set(run, ++answers);
  }

  /**
   * Whether an answer of a run was taken since a question was asked. Which of the two is the newer
   * one nobody can tell, where no stream has begun: it is asked again.
   */
  const isOvertaken = (run: string, askedAt: number) => (takenAt.get(run) ?? 0) > askedAt;

  /** Brings runs that were just read up to what was streamed meanwhile. */
  function catchUp(runs: readonly { run: string }[], meanwhile: readonly StreamedEvent[]) {
    const read = new Set(runs.map(({ run }) => run));
    for (const event of meanwhile) {
      if (event.kind === "purge") known.forget(event.run);
      else if (read.has(event.run)) known.apply(event);
    }
    onChange();
  }

  async function list(asked: ListQuery, { page, again = false }: { page?: string; again?: boolean } = {}) {
    listed = asked;
    if (!page) requests.cancel("more");
    const { archived, ...rest } = asked;
    const limit = again ? Math.min(MOST_LISTED, Math.max(PAGE, known.runs.size)) : PAGE;
    // Without the parameter both kinds are given.
    const query = { project, ...rest, ...(archived ? {} : { archived: false }), limit, page };
    const askedAt = answers;
    const { answer, meanwhile } = await requests.askAndListen(page ? "more" : "list", (signal) =>
      api.runs(query, signal),
    );
    if (!answer) return onChange();
    // One that has begun since the list was read is in the stream.
    if (again) leaveOut(new Set([...answer.runs, ...meanwhile].map(({ run }) => run)));
    for (const run of answer.runs) {
      if (isOvertaken(run.run, askedAt)) void refresh(run.run);
      else put(run.run, () => known.putListed(run));
    }
    nextPage = answer.next;
    cursor = answer.cursor;
    catchUp(answer.runs, meanwhile);
    onListed();
  }

  /** Runs that are listed no longer may have been erased. */
  function leaveOut(stay: ReadonlySet<string>) {
    for (const run of known.runs.keys()) {
      if (stay.has(run)) continue;
      if (isWanted(run)) void refresh(run);
      else known.forget(run);
    }
  }

  async function refresh(run: string): Promise<void> {
    const askedAt = answers;
    const { answer, meanwhile } = await requests.askAndListen(`run ${run}`, (signal) =>
      api.run(project, run, signal).catch((problem: Problem) => {
        if (problem.status === 404) return "gone" as const;
        throw problem;
      }),
    );
    if (!answer) return;
    if (isOvertaken(run, askedAt)) return refresh(run);
    if (answer === "gone") known.forget(run);
    else put(run, () => known.putDetail(answer));
    catchUp([{ run }], meanwhile);
  }

  /** Reads where a run stands: the ends of the series of a few metrics, by epoch and by step. */
  async function locate(run: string, metrics: readonly string[]) {
    const ask = (signal: AbortSignal, how: Pick<SeriesQuery, "x" | "level">) =>
      // One by one: a metric that is refused takes no other with it, and its chart says why.
      metrics.map((metric) =>
        api.series({ project, runs: [run], metrics: [metric], points: FEWEST_POINTS, ...how }, signal).then(
          (page) => page.series,
          (problem: Problem) => {
            if (problem.status === 400) return [];
            throw problem;
          },
        ),
      );
    const ends = await requests.ask(`ends of ${run}`, async (signal) => ({
      byEpoch: (await Promise.all(ask(signal, { x: "epoch", level: "epoch" }))).flat(),
      byStep: (await Promise.all(ask(signal, { x: "step" }))).flat(),
    }));
    if (!ends) return;
    known.latest.read(run, ends.byEpoch, ends.byStep);
    onChange();
  }

  const watch = setInterval(() => {
    if (document.hidden) return;
    for (const run of known.silent(SILENT_MS).slice(0, MOST_WATCHED)) void refresh(run);
  }, WATCH_EVERY_MS);

  return {
    list: (asked: ListQuery) => list(asked),
    /** Reads the list as it was asked for last, as far as it was loaded. */
    listAgain: async () => listed && list(listed, { again: true }),
    more: async () => listed && nextPage !== null && list(listed, { page: nextPage }),
    hasMore: () => nextPage !== null,
    refresh,
    locate,
    /** Where the log ended when a list was last read; null before. */
    get cursor() {
      return cursor;
    },
    close: () => clearInterval(watch),
  };
}
