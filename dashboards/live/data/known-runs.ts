import type { RunDetail, RunWithSummary, StreamedEvent } from "../../../functions/stores/store.ts";
import { createLatest } from "./latest-values.ts";
import { type AskedStop, type AuditEntry, applyEvent, askedStop, isTurn, newRun } from "./run-events.ts";
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
  const latest = createLatest();

  function forget(run: string) {
    for (const known of [runs, newest, audits, stops, heard]) known.delete(run);
    latest.forget(run);
  }

  /** Brings its run up to an event, if the run is known. */
  function apply(event: StreamedEvent) {
    const run = runs.get(event.run);
    if (!run) return;
    const order = newest.get(event.run) ?? new Map();
    newest.set(event.run, order);
    applyEvent(run, event, order);
    // Requests and answers stand in the server's order, in which the stream brings them.
    if (isTurn(event)) stops.delete(event.run);
    if (event.kind === "stop_requested") stops.set(event.run, askedStop(event, new Date(event.at).toISOString()));
  }

  function note(event: StreamedEvent) {
    const entry = { kind: event.kind, actor: event.actor, at: new Date(event.at).toISOString(), logs: event.logs };
    const known = audits.get(event.run) ?? [];
    const same = (old: AuditEntry) => old.kind === entry.kind && Date.parse(old.at) === Date.parse(entry.at);
    if (!known.some(same)) audits.set(event.run, [...known, entry]);
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
      heard.set(event.run, Date.now());
      if (event.actor !== null) note(event);
      return isNew;
    },
    /**
     * A list has epoch-level rows only; what a run's detail or the stream told of batches stays.
     */
    putListed(run: RunWithSummary) {
      heard.set(run.run, Date.now());
      const batches = runs.get(run.run)?.summary.filter((row) => row.level === "batch") ?? [];
      runs.set(run.run, { ...run, summary: [...run.summary.filter((row) => row.level === "epoch"), ...batches] });
    },
    putDetail({ audit, stop, ...run }: RunDetail) {
      heard.set(run.run, Date.now());
      runs.set(run.run, run);
      audits.set(run.run, audit);
      if (stop) stops.set(run.run, stop);
      else stops.delete(run.run);
    },
    /**
     * A stretch of the log was not streamed: forgets what only the stream or a detail told. Of the
     * runs that `stay` the requests are kept until their details are read again.
     */
    skip(stay: readonly string[]) {
      latest.clear();
      for (const told of [audits, stops]) {
        for (const run of told.keys()) if (!stay.includes(run)) told.delete(run);
      }
    },
    audit: (run: string): readonly AuditEntry[] => audits.get(run) ?? [],
    /** The request to stop that a run has not answered yet. */
    pendingStop: ({ run, state }: RunWithSummary): AskedStop | null =>
      state === "running" || state === "lost" ? (stops.get(run) ?? null) : null,
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
