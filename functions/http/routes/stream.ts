import { streamSSE } from "hono/streaming";
import { Refusal } from "../../refusals/refusal.ts";
import type { Cursor } from "../../stores/store.ts";
import { readProjectQuery, requireScope } from "../access.ts";
import { News } from "../news.ts";
import { isCursor, read, StreamAnswer, StreamQuery } from "../schemas.ts";
import { parseQuery, type Route } from "./route.ts";

/** Events of one message at the most. */
const PAGE = 1_000;
/** Appends within this time go out together. */
const GATHER_MS = 50;
/** Looked at even when nothing woke us: a transaction that was rolled back wakes nobody, and may have hidden others. */
const IDLE_MS = 2_000;
const BEAT_MS = 15_000;
const RETRY_MS = 2_000;

export const streamRoutes: readonly Route[] = [
  {
    method: "get",
    path: "/v1/stream",
    scope: "read",
    summary: "Events as they are appended, as server-sent events; resumes after `after` or Last-Event-ID.",
    query: StreamQuery,
    answer: StreamAnswer,
    gives: "text/event-stream",
    async serve(c, { store, access, streaming, verify, report }) {
      const { grant, token } = await access.any(c);
      const project = readProjectQuery(c, requireScope(grant, "read"));
      const { after, run, backlog } = read(StreamQuery, parseQuery(c));
      const resumed = c.req.header("last-event-id");
      const from = resumed !== undefined && isCursor(resumed) ? resumed : after;
      let cursor: Cursor = from ?? (await store.cursor());
      const runs = run.length > 0 ? run : undefined;
      c.header("x-accel-buffering", "no");
      if (c.req.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });

      const isGood = (one: string) =>
        verify(one).then(
          () => true,
          () => false,
        );

      return streamSSE(c, async (stream) => {
        const wake = new News();
        const forget = streaming === "live" ? store.onAppend(() => wake.now()) : () => {};
        stream.onAbort(() => wake.now());
        await stream.writeSSE({ event: "hello", id: cursor, retry: RETRY_MS, data: JSON.stringify({ cursor }) });
        let waiting = 0;
        let beat = Date.now();
        try {
          while (!stream.aborted) {
            const page = await store.events({ project, after: cursor, runs, limit: PAGE }).catch((error) => {
              if (!(error instanceof Refusal)) report(error);
              return null;
            });
            if (page !== null) {
              waiting += page.events.length;
              if (backlog !== undefined && page.more && waiting >= backlog) {
                cursor = await store.cursor();
                await stream.writeSSE({ event: "reset", id: cursor, data: JSON.stringify({ cursor }) });
              } else {
                cursor = page.cursor;
                if (page.events.length > 0) {
                  await stream.writeSSE({ event: "events", id: cursor, data: JSON.stringify({ events: page.events }) });
                }
                if (page.more) continue;
              }
              waiting = 0;
            }
            if (streaming === "poll") {
              // Remembered by the client and shown to nobody: the next request goes on from here.
              if (page !== null && page.events.length === 0) await stream.write(`id: ${cursor}\n\n`);
              break;
            }
            await wake.within(IDLE_MS, GATHER_MS);
            if (Date.now() - beat > BEAT_MS) {
              beat = Date.now();
              // A token that was taken back ends its streams too.
              if (!(await isGood(token))) break;
              await stream.write(": beat\n\n");
            }
          }
        } finally {
          forget();
        }
      });
    },
  },
];
