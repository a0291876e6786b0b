import type { Event, Int } from "../event/event.ts";
import type { RunName } from "./run-key.ts";
import type { Average } from "./smoothing.ts";

/**
 * The Store contract: append events once, read runs, series and control. One file per database
 * meets it, and one suite (`test/functions/stores/store-suite.ts`) is run on all of them.
 */
export interface Store {
  /**
   * All events of one request, durably or not at all. Resolves only after they would survive a
   * crash.
   */
  append(events: readonly Event[]): Promise<Appended>;
  /** What is asked of these runs and not yet answered. A run without events is absent. */
  control(project: string, runs: readonly string[]): Promise<RunControl[]>;
  projects(): Promise<string[]>;
  runs(query: RunsQuery): Promise<RunsPage>;
  run(project: string, run: string): Promise<RunDetail | null>;
  /**
   * The highest seq of the run's tags, 0 where it has none; null for a run without events. What
   * comes later at it wins.
   */
  tagSeq(project: string, run: string): Promise<Int | null>;
  series(query: SeriesQuery): Promise<SeriesPage>;
  /**
   * Events after a cursor, in the server's order, none skipped however late a transaction
   * committed.
   */
  events(query: EventsQuery): Promise<EventsPage>;
  /**
   * Whole events of all projects in the server's order: what a copy or an export reads. Needs the
   * writer's login.
   */
  log(query: LogQuery): Promise<LogPage>;
  /** How many events a part of the log has. */
  logSize(part: LogPart): Promise<number>;
  /**
   * The position where the log ends now, for readers: what is acknowledged may yet lie behind it.
   */
  cursor(): Promise<Cursor>;
  /**
   * Waits until all that is acknowledged by now lies before the end of the log, and gives that
   * position.
   */
  settled(): Promise<Cursor>;
  /**
   * Calls back after something was appended, by this process or another, until the returned
   * function is called.
   */
  onAppend(wake: () => void): () => void;
  /** One read-only statement as the role that sees only what dashboards see. */
  sql(statement: string): Promise<SqlResult>;
  /**
   * One query as a login that sees these projects and nothing of any other, not by a trick either.
   * Absent where the store has no such logins: SQL then takes tokens for all projects only.
   */
  sqlWithin?(projects: readonly string[], query: string): Promise<SqlResult>;
  /** Ids (`jti`) of tokens that are no longer good. */
  deniedTokens(): Promise<Set<string>>;
  denyToken(jti: string, actor: string): Promise<void>;
  health(): Promise<Health>;
  close(): Promise<void>;
}

/** An opaque position in the log, as text. */
export type Cursor = string;

export interface Appended {
  accepted: number;
  /** Events that were stored before with the same body. */
  duplicates: number;
  /** Ids that were stored before with another body: the first one stays. */
  conflicts: string[];
  /**
   * Ids of events that are not stored, because their run was purged and takes none any more; absent
   * where there are none.
   */
  purged?: string[];
  /**
   * Each run of the events once. A run that is absent is unknown, which is not "go on". A request
   * that is among these very events may be left out: the next append tells.
   */
  control: RunControl[];
}

/** Something that was asked of a run: by whom, why and when (ISO 8601). */
export interface Asked {
  event_id: string;
  actor: string | null;
  reason: string | null;
  at: string;
}

/** Pending until the run ends or begins anew: an older request does not stop a resumed run. */
export interface Control {
  stop: Asked | null;
  /**
   * By name, the last request that something be another value, such as the learning rate, of the
   * last 100 of all names; absent where there is none. What the run made of it, it says by events:
   * each of its processes is asked.
   */
  adjust?: Record<string, Asked & { value: number }>;
}

export interface RunControl extends Control, RunName {}

/**
 * A finite number, or the exact text of what JSON has no number for: NaN, Infinity, -Infinity, -0,
 * integers beyond 2^53.
 */
export type Value = number | { $num: string };

export type RunState = "running" | "finished" | "failed" | "stopped" | "lost";
export type Split = "train" | "validation" | "test";
export type Level = "batch" | "epoch";

/** One row of the `runs` view. Times are ISO 8601 in UTC. */
export interface Run {
  project: string;
  run: string;
  /** The tag `name`, else the run id. */
  name: string;
  state: RunState;
  started_at: string;
  ended_at: string | null;
  last_event_at: string;
  note: string | null;
  archived: boolean;
  params: Record<string, unknown>;
  tags: Record<string, unknown>;
}

/** One row of the `run_summary` view: a metric of a run in five numbers. */
export interface Summary {
  metric: string;
  split: Split;
  level: Level;
  points: number;
  first: Value;
  last: Value;
  /**
   * Of the finite values; null when there is none, or nobody can say whether low or high is best.
   */
  best: number | null;
  min: number | null;
  max: number | null;
  /** As an event of kind `define` says, else the metric's name; null where neither does. */
  lower_is_better: boolean | null;
}

export interface RunWithSummary extends Run {
  /** Epoch level in a list; every level when one run is asked for. */
  summary: Summary[];
  /** The run has more metrics than are given; absent where these are all. */
  summary_truncated?: true;
}

export interface RunsQuery {
  project: string;
  state?: RunState | undefined;
  /** Matches anywhere in name or run id, whatever the case. */
  text?: string | undefined;
  archived?: boolean | undefined;
  sort: "-started_at" | "started_at" | "name" | "-last_event_at";
  limit: number;
  /** `next` of the page before. */
  page?: string | undefined;
}

export interface RunsPage {
  /** Fewer than the limit where they have many metrics: `next` says whether there are more. */
  runs: RunWithSummary[];
  next: string | null;
  /** Where the log ended when the list was read: the position to stream on from. */
  cursor: Cursor;
}

export interface RunDetail extends RunWithSummary, Control {
  /** Who asked what of this run and why, and what it made of adjustments, oldest first. */
  audit: { event_id: string; kind: string; actor: string | null; at: string; logs: Record<string, unknown> | null }[];
}

export interface SeriesQuery {
  project: string;
  runs: string[];
  metrics: string[];
  x: "epoch" | "step" | "time";
  /** Points a series at the most; each bucket keeps its lowest and its highest value. */
  points: number;
  /**
   * Weight of a moving average over all points, from 0 (none) to below 1: `smoothed` is given too.
   */
  smoothing?: number | undefined;
  /**
   * The mean of each bucket of x instead of its extremes; of the smoothed line, if
   * that is asked.
   */
  means?: boolean | undefined;
  /** Every writer's points as a series of its own, which says whose it is. */
  writers?: boolean | undefined;
  split?: Split | undefined;
  level?: Level | undefined;
}

export interface Series {
  run: string;
  metric: string;
  split: Split;
  level: Level;
  /** The process that wrote it, "" without a name; absent where writers were not asked for. */
  writer?: string;
  /** Points before down-sampling, without what a resumed run has overwritten. */
  total: number;
  /**
   * Epoch or step, or ms since 1970 for time; in the writers' order (seq), so a time may step back.
   */
  x: number[];
  /** null where the value is not finite; `marks` says what it was. */
  y: (number | null)[];
  /** Non-finite values as [index, "NaN" | "Infinity" | "-Infinity"]. */
  marks: [number, string][];
  /** Of the smoothed line at each x, where smoothing was asked for; null where y is. */
  smoothed?: (number | null)[];
  /** Where smoothing goes on: the average of all values, and how many are finite. */
  average?: Average;
  /** Of means: how many values each is of. Each x is where its bucket begins. */
  counts?: number[];
  /** Of means: the width of the buckets, a power of two. */
  width?: number;
}

export interface SeriesPage {
  series: Series[];
  /** The series hold just what lies before this position; stream on from here. */
  cursor: Cursor;
}

export interface EventsQuery {
  project: string;
  after: Cursor;
  runs?: string[] | undefined;
  limit: number;
}

export interface StreamedEvent {
  run: string;
  event_id: string;
  kind: string;
  writer: string;
  seq: Value;
  actor: string | null;
  epoch: Value | null;
  step: Value | null;
  batch: Value | null;
  /** ms since 1970 by the client's clock. */
  at: number;
  logs: Record<string, unknown> | null;
}

export interface EventsPage {
  events: StreamedEvent[];
  /** After the last event given, or after all that was looked at when there was none. */
  cursor: Cursor;
  /** More was there than `limit`. */
  more: boolean;
}

/** A part of the log; of all projects and runs where none is named. */
export interface LogPart {
  /** null: from the beginning. */
  after: Cursor | null;
  /** Exclusive. */
  before: Cursor;
  project?: string | undefined;
  run?: string | undefined;
}

export interface LogQuery extends LogPart {
  limit: number;
}

/** An event as it stands in the log, where the server has filled in what the client left out. */
export interface LoggedEvent extends Event {
  seq: Int;
  createdAt: number;
  receivedAt: number;
}

export interface LogPage {
  events: LoggedEvent[];
  /** Behind the last event given; `before` when there are no more. */
  cursor: Cursor;
  /** A page may have fewer events than its limit, where they are large. */
  more: boolean;
}

export interface SqlResult {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  /** The statement had more rows than are given. */
  truncated: boolean;
}

export interface Health {
  ok: boolean;
  /** "postgres", ... */
  kind: string;
  detail?: string;
}
