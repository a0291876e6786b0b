import { isDeepStrictEqual } from "node:util";
import type { Event } from "../../../../functions/event/event.ts";
import { Refusal } from "../../../../functions/refusals/refusal.ts";
import { keysOf } from "../../../../functions/stores/metric-keys.ts";
import { shaped } from "../../../../functions/stores/shaped-series.ts";
import type {
  Appended,
  Control,
  LoggedEvent,
  LogPart,
  Run,
  RunsQuery,
  Series,
  SeriesQuery,
  Store,
} from "../../../../functions/stores/store.ts";
import {
  auditOf,
  bySeq,
  compare,
  iso,
  type Logged,
  type Metric,
  metricsOf,
  ms,
  pendingRequests,
  runOf,
  streamedOf,
  summaryOf,
} from "./memory-views.ts";

export interface MemoryStore extends Store {
  /** The log itself. */
  rows: Logged[];
}

/** A plain model of the Store contract: an array of rows, and all else worked out anew at each question. */
export function openMemoryStore(): MemoryStore {
  const rows: Logged[] = [];
  const byIdentity = new Map<string, Logged>();
  const wakes = new Set<() => void>();
  const denied = new Set<string>();
  const end = () => String(rows.length);
  const ofRun = (project: string, run: string) => rows.filter((row) => row.project === project && row.run === run);
  const isPurged = (project: string, run: string) => ofRun(project, run).some(({ kind }) => kind === "purge");
  const runIds = (project: string) =>
    [...new Set(rows.filter((row) => row.project === project).map(({ run }) => run))]
      .filter((run) => !isPurged(project, run))
      .sort(compare);

  return {
    rows,

    async append(events) {
      const appended: Appended = { accepted: 0, duplicates: 0, conflicts: [], control: [] };
      const now = Math.floor((performance.timeOrigin + performance.now()) * 1000);
      for (const event of events) {
        const identity = JSON.stringify([event.project, event.id]);
        const stored = byIdentity.get(identity);
        if (stored === undefined) {
          const row = logged(event, rows.length, now);
          rows.push(row);
          byIdentity.set(identity, row);
          appended.accepted += 1;
        } else if (isSame(stored, event)) appended.duplicates += 1;
        else appended.conflicts.push(event.id);
      }
      for (const { project, run } of events) {
        if (appended.control.some((one) => one.project === project && one.run === run)) continue;
        appended.control.push({ project, run, ...controlOf(ofRun(project, run)) });
      }
      for (const wake of wakes) wake();
      return appended;
    },

    async control(project, runs) {
      const known = runs.filter((run) => ofRun(project, run).length > 0);
      return known.map((run) => ({ project, run, ...controlOf(ofRun(project, run)) }));
    },

    async projects() {
      return [...new Set(rows.map(({ project }) => project))].sort(compare);
    },

    async runs(query) {
      const found = runIds(query.project)
        .map((run) => runOf(ofRun(query.project, run), Date.now()))
        .filter((run) => isWanted(run, query))
        .sort((a, b) => bySort(query.sort)(a, b) || compare(a.run, b.run));
      const from = Number(query.page ?? 0);
      const page = found.slice(from, from + query.limit);
      return {
        runs: page.map((run) => {
          const own = ofRun(query.project, run.run);
          const byEpoch = summaryOf(own, "epoch");
          return { ...run, summary: byEpoch.length > 0 ? byEpoch : summaryOf(own) };
        }),
        next: found.length > from + query.limit ? String(from + query.limit) : null,
        cursor: end(),
      };
    },

    async run(project, run) {
      const own = ofRun(project, run);
      if (own.length === 0 || isPurged(project, run)) return null;
      return { ...runOf(own, Date.now()), summary: summaryOf(own), audit: auditOf(own), ...controlOf(own) };
    },

    async tagSeq(project, run) {
      const own = ofRun(project, run);
      if (own.length === 0) return null;
      const last = own
        .filter(({ kind }) => kind === "tags")
        .toSorted(bySeq)
        .at(-1);
      return last === undefined ? 0 : loggedOf(last).seq;
    },

    async series(query) {
      return { series: query.runs.flatMap((run) => seriesOf(ofRun(query.project, run), run, query)), cursor: end() };
    },

    async events({ project, after, runs, limit }) {
      const from = Number(after);
      const found = rows.slice(from).filter((row) => row.project === project && (runs?.includes(row.run) ?? true));
      const page = found.slice(0, limit);
      const more = found.length > limit;
      return { events: page.map(streamedOf), cursor: more ? String(page.at(-1)!.pos + 1) : end(), more };
    },

    async log({ limit, ...part }) {
      const found = partOf(rows, part);
      const events = found.slice(0, limit);
      const more = found.length > limit;
      return { events: events.map(loggedOf), cursor: more ? String(events.at(-1)!.pos + 1) : part.before, more };
    },
    logSize: async (part) => partOf(rows, part).length,
    cursor: async () => end(),
    settled: async () => end(),
    onAppend(wake) {
      wakes.add(wake);
      return () => wakes.delete(wake);
    },
    async sql() {
      throw new Refusal("invalid-sql", "This store has no SQL.", { fix: "Use one that has." });
    },
    deniedTokens: async () => new Set(denied),
    async denyToken(jti) {
      denied.add(jti);
    },
    health: async () => ({ ok: true, kind: "memory" }),
    close: async () => {},
  };
}

function logged(event: Event, pos: number, now: number): Logged {
  const createdAt = event.createdAt ?? now;
  return {
    ...event,
    pos,
    seq: BigInt(event.seq ?? event.receivedAt ?? now),
    createdAt,
    receivedAt: event.receivedAt ?? now,
    logs: event.logs === null ? null : (JSON.parse(event.logs, holdable) as Record<string, unknown>),
  };
}

function partOf(rows: Logged[], { after, before, project, run }: LogPart): Logged[] {
  return rows
    .slice(Number(after ?? 0), Number(before))
    .filter((row) => (project === undefined || row.project === project) && (run === undefined || row.run === run));
}

function loggedOf({ pos: _, ...row }: Logged): LoggedEvent {
  const seq = Number.isSafeInteger(Number(row.seq)) ? Number(row.seq) : row.seq;
  return { ...row, seq, logs: row.logs === null ? null : JSON.stringify(row.logs) };
}

/** No database holds NUL or half of a surrogate pair, so they must not get as far as this. */
function holdable(key: string, value: unknown): unknown {
  for (const text of [key, value])
    if (typeof text === "string" && (text.includes("\0") || !text.isWellFormed())) throw new Error("No text.");
  return value;
}

/** What a client leaves to the server does not tell two events of one identity apart. */
function isSame(stored: Logged, event: Event): boolean {
  const columns = ["run", "writer", "kind", "actor", "epoch", "step", "batch"] as const;
  return (
    columns.every((column) => stored[column] === event[column]) &&
    (event.seq === null || BigInt(event.seq) === stored.seq) &&
    (event.createdAt === null || event.createdAt === stored.createdAt) &&
    isDeepStrictEqual(stored.logs, event.logs === null ? null : JSON.parse(event.logs))
  );
}

function controlOf(rows: Logged[]): Control {
  const control: Control = { stop: null };
  for (const { kind, id, actor, createdAt, logs } of pendingRequests(rows)) {
    const reason = (logs?.reason as string | undefined) ?? null;
    const asked = { event_id: id, actor, reason, at: iso(createdAt) };
    if (kind === "stop_requested") control.stop = asked;
    else control.adjust = { ...control.adjust, [String(logs?.name)]: { ...asked, value: Number(logs?.value) } };
  }
  return control;
}

function isWanted(run: Run, { state, text, archived }: RunsQuery): boolean {
  const has = (whole: string) => text === undefined || whole.toLowerCase().includes(text.toLowerCase());
  return (
    (state === undefined || run.state === state) &&
    (archived === undefined || run.archived === archived) &&
    (has(run.name) || has(run.run))
  );
}

function bySort(sort: RunsQuery["sort"]): (a: Run, b: Run) => number {
  switch (sort) {
    case "-started_at":
      return (a, b) => compare(b.started_at, a.started_at);
    case "started_at":
      return (a, b) => compare(a.started_at, b.started_at);
    case "-last_event_at":
      return (a, b) => compare(b.last_event_at, a.last_event_at);
    case "name":
      return (a, b) => compare(a.name, b.name);
  }
}

function seriesOf(rows: Logged[], run: string, query: SeriesQuery): Series[] {
  const lineKey = ({ metric, split, level }: Pick<Series, "metric" | "split" | "level">) =>
    `${level} ${split} ${metric}`;
  const all = groups(metricsOf(rows), lineKey);
  return [...new Set(keysOf(query).map(lineKey))].flatMap((key) => {
    const points = (all.get(key) ?? []).sort(bySeq);
    if (!query.writers) return lineOf(points, run, query);
    const byWriter = groups(points, ({ writer }) => writer);
    return [...byWriter]
      .sort(([a], [b]) => compare(a, b))
      .flatMap(([writer, own]) => lineOf(own, run, query).map((line) => ({ ...line, writer })));
  });
}

/** The points of one line, in the writers' order; none where none has an x. */
function lineOf(points: Metric[], run: string, query: SeriesQuery): Series[] {
  if (points.length === 0) return [];
  const { metric, split, level } = points[0]!;
  const whole = (value: Event["epoch"]) => (value === null ? Number.NaN : Number(value));
  const thinned = shaped(
    {
      x: Float64Array.from(points, ({ epoch, step, ts }) =>
        query.x === "time" ? ms(ts) : whole(query.x === "epoch" ? epoch : step),
      ),
      y: Float64Array.from(points, ({ value }) => value),
      seq: Float64Array.from(points, (_, index) => index),
    },
    query,
  );
  return thinned.total === 0 ? [] : [{ run, metric, split, level, ...thinned }];
}

function groups<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const group = found.get(keyOf(item));
    if (group === undefined) found.set(keyOf(item), [item]);
    else group.push(item);
  }
  return found;
}
