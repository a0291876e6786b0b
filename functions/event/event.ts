/**
 * The Event contract: the one row shape of the log. Every wire format is parsed into it
 * (`event-formats.ts`), every store keeps it, every view is derived from it.
 */

/** An int64 counter: a plain number where that is exact, a bigint beyond 2^53. */
export type Int = number | bigint;

export interface Event {
  project: string;
  /** A run is (project, run): two projects may use the same run id without meeting. */
  run: string;
  /**
   * Made by the client (UUID v7). (project, id) is the identity: sent twice, stored once. Where the
   * client gives none it is a hash of what the event says, if that holds seq, created_at, epoch,
   * step or batch, else another each time.
   */
  id: string;
  /** The process that wrote it (its rank or name); "" where there is only one. */
  writer: string;
  /**
   * The writer's counter, `max(previous + 1, clock in µs)`; null: receivedAt in µs, the order of
   * arrival. "Latest" is the highest seq.
   */
  seq: Int | null;
  /** The callback's name (`on_epoch_end`, ...) or `params`, `tags`, `system`, `heartbeat`. */
  kind: string;
  /** Who did it, from the token; null for what a training process says of itself. */
  actor: string | null;
  epoch: Int | null;
  step: Int | null;
  batch: Int | null;
  /**
   * The client's clock, µs since 1970-01-01 UTC; null: the server's clock when it is first stored.
   */
  createdAt: number | null;
  /**
   * Server's clock minus the client's when the request was sent, ms; null where the client did not
   * say.
   */
  sentSkew: number | null;
  /**
   * The clock of the server that first stored it, µs since 1970: what a copy says. Else this
   * server's, when it is stored.
   */
  receivedAt?: number;
  /**
   * A JSON object as canonical text, with `{"$num": ...}` for what JSON numbers cannot hold; null
   * when there was none.
   */
  logs: string | null;
}

/**
 * Kinds that only the server writes, because they say who did something. No ingest token can write
 * them.
 */
export const RESERVED_KINDS: ReadonlySet<string> = new Set([
  "stop_requested",
  "adjust_requested",
  "end_marked",
  "view_saved",
  "alert",
  "purge",
]);

/** The project of an event that names none, sent with a token that is good for more than one. */
export const DEFAULT_PROJECT = "default";

/** How much one request may carry. Each is refused with a 4xx that names the limit. */
export const LIMITS = {
  /** Bytes of a request's body as it arrives. */
  bodyBytes: 8 * 1024 * 1024,
  /** Bytes of a gzipped body once inflated. */
  inflatedBytes: 32 * 1024 * 1024,
  /** Events in one request. */
  events: 5_000,
  /** JSON values in one request: a value of two bytes takes fifty once it is read. */
  values: 500_000,
  /** Bytes of one event's logs. */
  logsBytes: 2 * 1024 * 1024,
  /** Keys of one event's logs, each of which may be a metric. */
  keys: 5_000,
  /** Nesting of one event's logs. */
  depth: 32,
  /** Characters of a run, an event id, a writer or a kind. */
  name: 250,
  /** Runs times metrics times points of one question for series. */
  points: 2_000_000,
} as const;
