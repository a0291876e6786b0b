import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { ROUTES } from "../../../contract/routes.ts";
import { Refusal } from "../../refusals/refusal.ts";
import type { Cursor, EventsPage } from "../../stores/store.ts";
import { readProjectQuery, requireScope } from "../access.ts";
import { News } from "../news.ts";
import { requestId } from "../request-id.ts";
import { isCursor, read, StreamAnswer, StreamQuery } from "../schemas.ts";
import { parseQuery, type Route, type Services } from "./route.ts";

/** Events of one message at the most. */
const PAGE = 1_000;
/** Appends within this time go out together. */
const GATHER_MS = 50;
/**
 * The log is looked at this often even when no news came: a transaction that was rolled back
 * announces nothing, and may have hidden others.
 */
const IDLE_MS = 2_000;
const BEAT_MS = 15_000;
const RETRY_MS = 2_000;

export const streamRoutes: readonly Route[] = [
  {
    ...ROUTES.stream,
    operation: "streamEvents",
    scope: "read",
    summary: "Events as they are appended, as server-sent events; resumes after `after` or Last-Event-ID.",
    query: StreamQuery,
    answer: StreamAnswer,
    gives: "text/event-stream",
    async serve(c, services) {
      const { grant, isGood } = await services.access.any(c);
      const project = readProjectQuery(c, requireScope(grant, "read"));
      const { after, run, backlog = Number.POSITIVE_INFINITY } = read(StreamQuery, parseQuery(c));
      const resumed = c.req.header("last-event-id");
      const from = resumed !== undefined && isCursor(resumed) ? resumed : after;
      const cursor = from ?? (await services.store.cursor());
      c.header("x-accel-buffering", "no");
      if (c.req.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });
      const runs = run.length > 0 ? run : undefined;
      const reader = new StreamReader({ services, project, runs, backlog, cursor, id: requestId(c) });
      return streamSSE(c, (stream) => follow(stream, reader, isGood, services));
    },
  },
];

/**
 * Sends what the reader reads until the caller has gone or may no longer ask, or the API has to
 * answer.
 */
async function follow(
  stream: SSEStreamingApi,
  reader: StreamReader,
  isAllowed: () => Promise<boolean>,
  { store, streaming }: Services,
): Promise<void> {
  const news = new News();
  const forget = streaming === "live" ? store.onAppend(() => news.arrived()) : () => {};
  stream.onAbort(() => news.arrived());
  await send(stream, "hello", reader.cursor, { cursor: reader.cursor }, RETRY_MS);
  let beat = Date.now();
  try {
    while (!stream.aborted) {
      const found = await reader.sendNext(stream);
      if (found === "more") continue;
      if (streaming === "poll") {
        // Remembered by the client and shown to nobody: the next request goes on from here.
        if (found === "nothing") await stream.write(`id: ${reader.cursor}\n\n`);
        return;
      }
      await news.within(IDLE_MS, GATHER_MS);
      if (Date.now() - beat <= BEAT_MS) continue;
      beat = Date.now();
      if (!(await isAllowed())) return;
      await stream.write(": beat\n\n");
    }
  } finally {
    forget();
  }
}

interface StreamReaderOptions {
  services: Services;
  project: string;
  runs: string[] | undefined;
  /** Past this many waiting events the reader leaps to the end of the log. */
  backlog: number;
  cursor: Cursor;
  /** Of the request, for the log. */
  id: string;
}

/** A position in the log that moves on with what it sends. */
class StreamReader {
  cursor: Cursor;
  readonly #options: StreamReaderOptions;
  /** Events sent since the reader was last at the end of the log. */
  #waiting = 0;

  constructor(options: StreamReaderOptions) {
    this.#options = options;
    this.cursor = options.cursor;
  }

  /**
   * Sends a page of events, and says whether more wait behind it. A page that cannot be read is no
   * page.
   */
  async sendNext(stream: SSEStreamingApi): Promise<"more" | "some" | "nothing" | "failed"> {
    const page = await this.#read();
    if (page === null) return "failed";
    this.#waiting += page.events.length;
    if (page.more && this.#waiting >= this.#options.backlog) {
      this.cursor = await this.#options.services.store.cursor();
      await send(stream, "reset", this.cursor, { cursor: this.cursor });
    } else {
      this.cursor = page.cursor;
      if (page.events.length > 0) await send(stream, "events", this.cursor, { events: page.events });
      if (page.more) return "more";
    }
    this.#waiting = 0;
    return page.events.length > 0 ? "some" : "nothing";
  }

  /** Null while the store does not answer: the stream stays open and asks again. */
  async #read(): Promise<EventsPage | null> {
    const { services, project, runs, id } = this.#options;
    try {
      return await services.store.events({ project, after: this.cursor, runs, limit: PAGE });
    } catch (error) {
      if (!(error instanceof Refusal)) services.report(error, id);
      return null;
    }
  }
}

function send(stream: SSEStreamingApi, event: string, id: Cursor, data: object, retry?: number): Promise<void> {
  return stream.writeSSE({ event, id, data: JSON.stringify(data), ...(retry === undefined ? {} : { retry }) });
}
