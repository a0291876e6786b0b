/**
 * What somebody met with a tracker, or would have met with this one, as data: `reports.test.ts`
 * sends it over the real HTTP interface, each in a project of its own, and reads it back.
 */
export interface Report {
  /** Where it was told: `owner/repo#n`, or OWN. */
  source: string;
  /** What happened, in our own words. */
  situation: string;
  /** What is sent, in this order. */
  sent: readonly Sent[];
  /** The right values, and by which route they are read. */
  right?: readonly Read[];
  /** Where it is about the page: what that shows. */
  page?: PageRead;
}

export interface Sent {
  /** Text is sent as it stands, all else as JSON. */
  body: unknown;
  /** POST to it. Default: `/v1/events`. */
  path?: string;
  /** Default: 200. */
  status?: number;
  /** What the answer holds at least. */
  answer?: unknown;
}

/** `is` is what the answer holds at least; PROJECT in a statement stands for the report's own. */
export type Read = { get: string; status?: number; is: unknown } | { sql: string; rows: unknown[][] };

export interface PageRead {
  /** More of the page's address, `log=loss`. It opens on run `r` unless that says otherwise. */
  view?: string;
  /** Names of buttons that are pressed, in order. */
  press?: readonly string[];
  says: readonly Said[];
}

export type Said =
  /** Numbers that a chart says of itself. */
  | { chart: string; measures: Partial<Record<"points" | "lines" | "last" | "not-finite", number>> }
  /** What a chart says instead of lines. */
  | { chart: string; empty: string }
  /** What a part of the page says, among else. */
  | { part: string; text: string }
  /** How many parts of that name can be seen. */
  | { part: string; count: number }
  /** The address ends so. */
  | { address: string };

/** Found by using or attacking this product. */
export const OWN = "own";

type Event = Record<string, unknown>;

/** An event of run `r`. */
export const event = (kind: string, more: Event = {}): Event => ({ run_id: "r", kind, ...more });
export const begin = (more: Event = {}) => event("on_train_begin", more);
export const end = (more: Event = {}) => event("on_train_end", { logs: { status: "finished" }, ...more });
export const epoch = (number: number, logs: Event, more: Event = {}) =>
  event("on_epoch_end", { epoch: number, logs, ...more });
export const step = (number: number, logs: Event, more: Event = {}) =>
  event("on_train_batch_end", { step: number, logs, ...more });
/** One after the other, each in a request of its own. */
export const inTurn = (...events: Event[]): Sent[] => events.map((body) => ({ body }));
export const together = (...events: Event[]): Sent[] => [{ body: events }];
/** A value for which the test holds. */
export const suchThat = (holds: (value: never) => boolean) => ({ asymmetricMatch: holds });
/** A number that differs by less than `by`. */
export const near = (value: number, by: number) => suchThat((found: number) => Math.abs(found - value) < by);
export const series = (query: string) => `/v1/series?run=r&${query}`;
export const upTo = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
