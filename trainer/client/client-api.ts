import type { Int } from "../../functions/event/event.ts";
import type { Control } from "../../functions/stores/store.ts";

/**
 * The client: what happens in a training run, sent while it happens. A call that logs costs microseconds, never
 * blocks, never throws; the server may be slow, away or broken without the training noticing.
 *
 *     const client = connect({ url, token });
 *     const run = client.run({ name: "baseline", params: { learning_rate: 0.001 } });
 *     run.begin();
 *     run.batchEnd({ epoch: 0, batch: 0, step: 0 }, { loss: 2.3 });
 *     if (run.stopRequested) ...
 *     await run.end({ status: "finished" });
 */
export interface Client {
  run(options?: RunOptions): Run;
  /**
   * One turn of the event loop, for a loop that computes on this thread: lets events out, answers and signals (Ctrl-C)
   * in. While a request is on its way it waits for the answer, so that a stop arrives with it: `ms` (20) at the most,
   * and no more than a tenth of the time since the last breath, whatever the server does.
   */
  breathe(ms?: number): Promise<void>;
  /** The events that were not delivered, one a line: `POST /v1/events` takes that text later as application/x-ndjson. */
  undelivered(): string;
  /** Stops sending, at once. */
  close(): Summary;
}

export interface ClientOptions {
  /** Where the API answers, such as `http://127.0.0.1:4080`; a path is kept. */
  url: string;
  /** A token with ingest scope. */
  token: string;
  /** May be left out when the token is good for one project. */
  project?: string | undefined;
  /** Events kept while they cannot be sent (10,000), and as many again of the begin and end of runs, params and tags. */
  capacity?: number;
  /** Bytes of events kept while they cannot be sent (64 MiB), likewise. */
  capacityBytes?: number;
  /** Time from an event to its request, ms (500). */
  flushMs?: number;
  /** Events in one request (1,000). */
  batchEvents?: number;
  /** Time without an event after which a heartbeat goes out, ms (10,000). */
  heartbeatMs?: number;
  /** How often an idle run asks whether it should stop, ms (1,000). */
  pollMs?: number;
  /** Time to wait for an answer, ms (30,000). */
  timeoutMs?: number;
  /** First wait after a failure, ms (250); doubles up to `maxRetryMs` (10,000). */
  retryMs?: number;
  maxRetryMs?: number;
  /** How long the end of a run waits for the delivery unless it says otherwise, ms (30,000). */
  drainMs?: number;
  /** Drain on SIGINT, SIGTERM and when the process has nothing left to do (true). */
  drainOnExit?: boolean;
  /** Says of each run where it comes from: git, command line, host, user, packages (true). See docs/provenance.md. */
  provenance?: boolean;
  /** Told once of each trouble, in one line. Prints to stderr unless given. */
  onWarn?: (message: string) => void;
}

export interface RunOptions {
  /** Unique in the project; made up when left out. The id of an earlier run resumes it. */
  id?: string | undefined;
  /** What people call it. */
  name?: string | undefined;
  params?: Record<string, unknown>;
  tags?: Record<string, unknown>;
  /** This process among several of one run: its rank or name. */
  writer?: string | undefined;
  /** Called once for each request to stop. */
  onStop?: (stop: Stop) => void;
}

/** Who asked the run to stop, why, and when (ISO 8601). */
export type Stop = NonNullable<Control["stop"]>;

/** Where in the training an event happened, counted from 0. What does not apply is left out: missing is not 0. */
export interface Coordinates {
  epoch?: Int;
  /** Counted over the whole run. */
  step?: Int;
  /** Counted within the epoch. */
  batch?: Int;
}

/** Named values, any JSON. NaN, ±Infinity, −0 and bigint are kept as they are; what is undefined is left out. */
export type Logs = Record<string, unknown>;

export interface Run {
  readonly id: string;
  /** The last request to stop that is known here, from then on. */
  readonly stopRequested: Stop | null;
  /** The run begins (or goes on): on_train_begin, its params and its tags. */
  begin(logs?: Logs): void;
  /** Last value per key wins. */
  params(values: Logs): void;
  /** Last value per key wins; null removes a tag. */
  tags(values: Logs): void;
  epochBegin(at: Coordinates, logs?: Logs): void;
  epochEnd(at: Coordinates, logs: Logs): void;
  /** The metrics of one batch of training. */
  batchEnd(at: Coordinates, logs: Logs): void;
  /** The metrics of one batch of validation or test. */
  testBatchEnd(at: Coordinates, logs: Logs): void;
  /** What the process says of its machine. */
  system(logs: Logs): void;
  /** Any other kind of event, by its callback's name. */
  event(kind: string, at?: Coordinates, logs?: Logs): void;
  /** The run ends: on_train_end with the status. Resolves when all its events are delivered, or at the deadline. Never rejects. */
  end(options?: EndOptions): Promise<Summary>;
}

export interface EndOptions {
  status?: "finished" | "failed" | "stopped";
  /** More to say of the end, such as a reason. */
  logs?: Logs;
  /** How long to wait for the delivery, ms (the client's `drainMs`). */
  deadlineMs?: number;
}

/** Events, counted. What was logged is the sum of the four. */
export interface Summary {
  delivered: number;
  /** Dropped because the queue was full. */
  dropped: number;
  /** The server would not have them as they were. */
  refused: number;
  undelivered: number;
}
