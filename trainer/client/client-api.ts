import type { Int } from "../../functions/event/event.ts";
import type { Control, Split } from "../../functions/stores/store.ts";

/**
 * One connection to an API, for any number of runs. A call that logs costs microseconds, never
 * blocks and never throws; the server may be slow, away or broken without the training noticing.
 */
export interface Client {
  /** Creates a run. Nothing is sent before its first event. */
  run(options?: RunOptions): Run;
  /**
   * Gives the event loop one turn, for a loop that computes on this thread: events go out, answers
   * and signals (Ctrl-C) come in. While a request is on its way it waits for the answer, so that a
   * stop arrives with it, but no more than a tenth of the time since the last call.
   *
   * @param ms the longest wait; 20 unless given
   */
  breathe(ms?: number): Promise<void>;
  /**
   * Returns the events that were not delivered, one a line, oldest first. `POST /v1/events` takes
   * the text later as application/x-ndjson; what had arrived after all is stored once.
   */
  undelivered(): string;
  /**
   * Stops sending, at once, and returns the count of all runs. What is logged later is told and
   * lost.
   */
  close(): Summary;
}

/** Where events go, and how. Times are in ms. */
export interface ClientOptions {
  /** Where the API answers, such as `http://127.0.0.1:4080`; a path is kept. */
  url: string;
  /** A token with the scope ingest. */
  token: string;
  /** The project of all runs. Default: the token's only one, `default` for a token of several. */
  project?: string | undefined;
  /**
   * Events kept while they cannot be sent; as many again of the begin and end of runs, params and
   * tags. Past that the oldest points are dropped. Default: 10,000.
   */
  capacity?: number;
  /** Bytes of events kept while they cannot be sent, likewise. Default: 67,108,864 (64 MiB). */
  capacityBytes?: number;
  /** Time from an event to its request, ms. Default: 500. */
  flushMs?: number;
  /** Events in one request at the most. Default: 1,000. */
  batchEvents?: number;
  /** Time without an event after which a heartbeat goes out, ms. Default: 10,000. */
  heartbeatMs?: number;
  /** Time without an answer after which a run asks what was asked of it, ms. Default: 1,000. */
  pollMs?: number;
  /** Time to wait for an answer, ms. Default: 30,000. */
  timeoutMs?: number;
  /** The first wait after a failure, ms; each further one is twice as long. Default: 250. */
  retryMs?: number;
  /**
   * The longest wait after a failure, ms, unless the server names a longer one. Default: 10,000.
   */
  maxRetryMs?: number;
  /**
   * How long the end of a run waits for its events to arrive unless it says otherwise, ms. Default:
   * 30,000.
   */
  drainMs?: number;
  /**
   * Whether to deliver what waits on SIGINT, SIGTERM and when the process has nothing left to do.
   * Default: true.
   */
  drainOnExit?: boolean;
  /**
   * Whether each run says where it comes from: git, command line, host, user, packages. Secrets in
   * the command line are masked; docs/provenance.md names the fields. Default: true.
   */
  provenance?: boolean;
  /** Told once of each trouble, in one line. Default: prints to stderr. */
  onWarn?: (message: string) => void;
}

/** What a run is called and what is known of it before it begins. */
export interface RunOptions {
  /**
   * Unique in the project, 1 to 250 characters. The id of an earlier run resumes it. Default: a new
   * UUID.
   */
  id?: string | undefined;
  /** What people call it. Default: its id. */
  name?: string | undefined;
  /** Hyperparameters, any JSON: sent when the run begins. */
  params?: Record<string, unknown> | undefined;
  /** Labels, any JSON: sent when the run begins. */
  tags?: Record<string, unknown> | undefined;
  /** This process among several of one run: its rank or name. Default: the only one. */
  writer?: string | undefined;
  /**
   * Called once for each request to stop. What it throws is told to `onWarn`; without it the
   * request itself is.
   */
  onStop?: (stop: Stop) => void;
}

/**
 * A request to stop: who asked (`actor`), why (`reason`) and when (`at`, ISO 8601); null where that
 * is not known.
 */
export type Stop = NonNullable<Control["stop"]>;

/**
 * Where in the training an event happened, counted from 0. What does not apply is left out: missing
 * is not 0.
 */
export interface Coordinates {
  epoch?: Int;
  /** Counted over the whole run. */
  step?: Int;
  /** Counted within the epoch. */
  batch?: Int;
}

/** Where metrics were measured: their step or epoch, and on which data. */
export interface MetricsAt {
  /** Counted over the whole run, from 0. Without step and epoch it is one more than the last. */
  step?: Int;
  /** From 0. With an epoch and no step they are the metrics of that epoch. */
  epoch?: Int;
  /** The data they were measured on. Default: train, or what a name says (`val_loss`). */
  split?: Split;
}

/**
 * Named values, any JSON. Numbers become metrics. NaN, ±Infinity, −0 and bigint are kept as they
 * are, a typed array becomes an array, what is undefined is left out; what cannot be JSON is told
 * and left out.
 */
export type Logs = Record<string, unknown>;

/** One run. Each method but `end` writes one event and returns at once. */
export interface Run {
  readonly id: string;
  /** The last request to stop that is known here, from then on; null before. */
  readonly stopRequested: Stop | null;
  /** Begins the run, or goes on with it: on_train_begin, its params and its tags. */
  begin(logs?: Logs): void;
  /**
   * Logs metrics: any names, numbers as values. What is nested is named `outer/inner`; what is no
   * number is told once and left out.
   */
  log(values: Logs, at?: MetricsAt): void;
  /** Adds params; the last value of a key wins. */
  params(values: Logs): void;
  /** Adds tags; the last value of a key wins, and null removes it. */
  tags(values: Logs): void;
  /** Writes on_epoch_begin. */
  epochBegin(at: Coordinates, logs?: Logs): void;
  /** Writes on_epoch_end: the metrics of an epoch, those of validation as `val_NAME`. */
  epochEnd(at: Coordinates, logs: Logs): void;
  /** Writes on_train_batch_end: the metrics of one batch of training. */
  batchEnd(at: Coordinates, logs: Logs): void;
  /** Writes on_test_batch_end: the metrics of one batch of validation or test. */
  testBatchEnd(at: Coordinates, logs: Logs): void;
  /**
   * The value that someone asked for `name` to have, such as `learning_rate`; null where nobody
   * did. Set it, read back what holds now, and say so by `applied`, or say by `refused` why not:
   * what is not answered when the run ends is refused then.
   */
  requested(name: string): number | null;
  /** Says that what was asked for is set. `value` is what was read back. */
  applied(name: string, value: number, at?: Coordinates): void;
  /** Says why what was asked for is not set. */
  refused(name: string, why: string, at?: Coordinates): void;
  /** Says something of the machine, such as its memory. */
  system(logs: Logs): void;
  /**
   * Writes any other kind of event, by its callback's name. Kinds that only the server writes are
   * told and not sent.
   */
  event(kind: string, at?: Coordinates, logs?: Logs): void;
  /**
   * Ends the run: on_train_end with the status. Resolves when all its events have arrived or were
   * refused, at the deadline, or when the server takes none until its token or address is changed.
   * Never rejects.
   */
  end(options?: EndOptions): Promise<Summary>;
}

/** How a run ended. */
export interface EndOptions {
  /** Default: stopped where someone asked for it, else finished. */
  status?: "finished" | "failed" | "stopped";
  /** More to say of the end, such as a reason. */
  logs?: Logs;
  /** How long to wait for the events to arrive, ms. Default: the client's `drainMs`. */
  deadlineMs?: number;
}

/** Events, counted. What was logged is the sum of the four. */
export interface Summary {
  /** Stored, or sent before. */
  delivered: number;
  /** Dropped because too many waited. */
  dropped: number;
  /** Not taken by the server as they were. */
  refused: number;
  /** Still waiting: `undelivered()` returns them. */
  undelivered: number;
}
