import type { Cursor, StreamedEvent } from "../../../functions/stores/store.ts";
import type { Api } from "./api.ts";
import type { Source } from "./event-source.ts";

/** `polling`: the API can't stream; it closes each answer and names a time to come back. */
export type StreamStatus = "connecting" | "live" | "polling" | "reconnecting" | "paused";

export interface StreamListener {
  events(events: StreamedEvent[]): void;
  /** The backlog was too large to send: read everything again. */
  reset(): void;
  status(status: StreamStatus): void;
  /** The server refused the stream. */
  refused(): void;
}

/** Past this many events it is cheaper to read lists and series again. */
const MOST_WAITING = 5000;

/** The state of a source that does not come back by itself. */
const CLOSED = 2;

export type Stream = ReturnType<typeof createStream>;

/** One connection for a project, or for one run of it, resumable at its cursor. */
export function createStream({ stream }: Pick<Api, "stream">, project: string, listener: StreamListener, run?: string) {
  let source: Source | null = null;
  let cursor: Cursor | null = null;
  let politeCloses = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  function open(after: Cursor) {
    close();
    cursor = after;
    listener.status(politeCloses > 1 ? "polling" : "connecting");
    const opened = stream({ project, run, after, backlog: MOST_WAITING });
    source = opened;
    let answered = false;

    opened.on("open", () => {
      answered = true;
      listener.status(politeCloses > 1 ? "polling" : "live");
    });
    opened.on("events", (message) => {
      if (source !== opened) return;
      if (message.lastEventId) cursor = message.lastEventId;
      listener.events((JSON.parse(message.data) as { events: StreamedEvent[] }).events);
    });
    opened.on("reset", (message) => {
      if (source !== opened) return;
      if (message.lastEventId) cursor = message.lastEventId;
      listener.reset();
    });
    opened.on("error", () => {
      if (source !== opened) return;
      // Closed after an answer, twice in a row without a failure between: that is how a polled API
      // behaves.
      politeCloses = answered ? politeCloses + 1 : 0;
      answered = false;
      if (politeCloses < 2) listener.status("reconnecting");
      if (opened.readyState !== CLOSED) return;
      listener.refused();
      retry = setTimeout(() => cursor !== null && open(cursor), 3000);
    });
  }

  return {
    open,
    close,
    /**
     * The position in the log up to which everything has been given; null before the first `open`.
     */
    get cursor() {
      return cursor;
    },
    pause() {
      if (!source) return;
      close();
      listener.status("paused");
    },
    resume() {
      if (!source && cursor !== null) open(cursor);
    },
  };
}
