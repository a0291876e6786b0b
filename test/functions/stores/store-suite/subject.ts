import type { Event } from "../../../../functions/event/event.ts";
import type { Store } from "../../../../functions/stores/store.ts";

/** What the suite is run on: a store, and what a test must be able to do to it from outside. */
export interface StoreSubject {
  name: string;
  /** Random logs that are compared with the model: fewer where each of them takes seconds. */
  rounds: number;
  /** Points of the longest series, where 20,000 take minutes. */
  longest?: number;
  open(): Promise<OpenedStore>;
}

export interface OpenedStore {
  store: Store;
  /** What another process would open over the same log; the suite closes it. */
  another(): Promise<Store>;
  /** How this database writes what the dialects write differently; absent where there is no SQL. */
  dialect?: Dialect;
  /** The line between `store` and its database; absent where there is none. */
  line?: Line;
  /** Begins to append the event as another process would, and leaves it under way; absent where nothing can be. */
  appendSlowly?(event: Event): Promise<Appending>;
  /**
   * Puts rows into the log past every check, as two writers in a race would, those of one list at one place; absent
   * where the database forbids it.
   */
  force?(groups: readonly (readonly Event[])[]): Promise<void>;
  close(): Promise<void>;
}

export interface Dialect {
  /** A column of time as ISO 8601 in UTC, to the µs. */
  iso(column: string): string;
}

export interface Line {
  /** Cuts the line once, in place of the reply number `after` from now (0: the next): the database did its work. */
  cutReply(after: number): void;
  readonly cuts: number;
}

/** An append of which nothing can be read yet. */
export interface Appending {
  commit(): Promise<void>;
  /** Absent where an append that comes to nothing leaves no trace. */
  rollback?(): Promise<void>;
}
