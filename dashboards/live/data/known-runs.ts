import type { RunDetail, RunWithSummary, StreamedEvent } from "../../../functions/stores/store.ts";
import { createLatest } from "./latest-values.ts";
import { type AskedStop, type AuditEntry, applyEvent, askedStop, isAnswer, newRun, turnsOf } from "./run-events.ts";
import { hearAsked, isAsked } from "./run-turns.ts";
import type { Newest } from "./writers-order.ts";

export type KnownRuns = ReturnType<typeof createKnownRuns>;

/** The runs of a project as far as lists, details and the stream have told of them. */
export function createKnownRuns(project: string) {
  const runs = new Map<string, RunWithSummary>();
  const newest = new Map<string, Newest>();
  const audits = new Map<string, AuditEntry[]>();
  const stops = new Map<string, AskedStop>();
  /** When a run was last heard of, ms by this page's clock: no other is compared with it. */
  const heard = new Map<string, number>();
  /** Rises with everything that is learned of a run. */
  const revisions = new Map<string, number>();
  const latest = createLatest();
  const learned = (run: string) => revisions.set(run, (revisions.get(run) ?? 0) + 1);

  function hear(run: string) {
    heard.set(run, Date.now());
    learned(run);
  }

  function forget(run: string) {
    for (const known of [runs, newest, audits, stops, heard]) known.delete(run);
    latest.forget(run);
    learned(run);
  }

  function orderOf(run: string): Newest {
    const order = newest.get(run) ?? new Map();
    newest.set(run, order);
    return order;
  }

  /** Brings its run up to an event, if the run is known. */
  function apply(event: StreamedEvent) {
    const run = runs.get(event.run);
    if (!run) return;
    applyEvent(run, event, orderOf(event.run));
    learned(event.run);
    if (event.kind === "stop_requested") stops.set(event.run, askedStop(event, new Date(event.at).toISOString()));
  }

  function note({ run, event_id, kind, actor, at, logs }: StreamedEvent) {
    const known = audits.get(run) ?? [];
    if (known.some((old) => old.event_id === event_id)) return;
    audits.set(run, [...known, { event_id, kind, actor, at: new Date(at).toISOString(), logs }]);
  }

  return {
    runs: runs as ReadonlyMap<string, RunWithSummary>,
    latest,
    forget,
    apply,
    /** Takes an event of the stream; true if nothing was known of its run. */
    take(event: StreamedEvent): boolean {
      const isNew = !runs.has(event.run);
      if (isNew) runs.set(event.run, newRun(project, event));
      apply(event);
      latest.take(event);
      hear(event.run);
      if (event.actor !== null || isAnswer(event)) note(event);
      return isNew;
    },
    /** Takes a run of a list, which has rows by epoch only: what was told of batches stays. */
    putListed(run: RunWithSummary) {
      hear(run.run);
      const batches = runs.get(run.run)?.summary.filter((row) => row.level === "batch") ?? [];
      runs.set(run.run, {
        ...named(run),
        summary: [...run.summary.filter((row) => row.level === "epoch"), ...batches],
      });
    },
    putDetail({ audit, stop, ...run }: RunDetail) {
      hear(run.run);
      runs.set(run.run, named(run));
      audits.set(run.run, audit);
      if (stop) {
        stops.set(run.run, stop);
        hearAsked(turnsOf(orderOf(run.run)));
      } else stops.delete(run.run);
    },
    /**
     * A stretch of the log was not streamed: forgets what only the stream or a detail told. Of the
     * runs that `stay` the requests are kept until their details are read again.
     */
    skip(stay: readonly string[]) {
      latest.clear();
      for (const told of [audits, stops]) {
        for (const run of told.keys()) if (!stay.includes(run) && told.delete(run)) learned(run);
      }
    },
    /** Changes whenever something is learned of a run, so that what is drawn of it can be kept. */
    revision: (run: string): number => revisions.get(run) ?? 0,
    audit: (run: string): readonly AuditEntry[] => audits.get(run) ?? [],
    /** The request to stop that a run has not answered yet. */
    pendingStop: ({ run, state }: RunWithSummary): AskedStop | null =>
      (state === "running" || state === "lost") && isAsked(turnsOf(orderOf(run))) ? (stops.get(run) ?? null) : null,
    /** Runs that train and have not been heard of for so long, the longest silent first. */
    silent(ms: number): string[] {
      const last = (run: string) => heard.get(run) ?? 0;
      return [...runs.values()]
        .filter(({ run, state }) => state === "running" && Date.now() - last(run) > ms)
        .map(({ run }) => run)
        .sort((a, b) => last(a) - last(b));
    },
  };
}

/** An empty name is no name. */
const named = (run: RunWithSummary): RunWithSummary => ({ ...run, name: run.name || run.run });
