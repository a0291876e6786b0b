import { setTimeout as delay } from "node:timers/promises";
import type { Endpoint } from "../../embedded/stack.ts";

export interface FollowedStream {
  /** Every event that came, as JSON, in the order of its coming. */
  events: string[];
  /** How often it was broken off and opened again. */
  reconnections(): number;
  /** Resolves once so many have come; rejects when they do not in time. */
  until(count: number, deadlineMs: number): Promise<void>;
  close(): void;
}

/**
 * A project's stream from the log's beginning, opened again with Last-Event-ID as a browser does.
 * @param more of the query
 */
export function followStream({ url, readToken }: Endpoint, project: string, more = ""): FollowedStream {
  const events: string[] = [];
  const ending = new AbortController();
  let reconnections = -1;
  let last: string | null = null;
  void follow();
  return {
    events,
    reconnections: () => Math.max(0, reconnections),
    async until(count, deadlineMs) {
      const deadline = Date.now() + deadlineMs;
      while (events.length < count) {
        if (Date.now() > deadline) throw new Error(`The stream gave ${events.length} events of ${count}.`);
        await delay(20);
      }
    },
    close: () => ending.abort(),
  };

  async function follow(): Promise<void> {
    while (!ending.signal.aborted) {
      reconnections += 1;
      await once().catch(() => {});
      await delay(100, undefined, { signal: ending.signal }).catch(() => {});
    }
  }

  async function once(): Promise<void> {
    const headers = { authorization: `Bearer ${readToken}`, ...(last === null ? {} : { "last-event-id": last }) };
    const answer = await fetch(`${url}/v1/stream?project=${project}&after=0${more}`, {
      headers,
      signal: ending.signal,
    });
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const messages = text.split("\n\n");
      text = messages.pop() as string;
      for (const message of messages) take(message);
    }
  }

  /** What is cut off before its blank line is no message. */
  function take(message: string): void {
    const data = /^data: (.*)$/m.exec(message)?.[1];
    if (/^event: events$/m.test(message) && data !== undefined)
      for (const event of (JSON.parse(data) as { events: object[] }).events) events.push(JSON.stringify(event));
    last = /^id: (.*)$/m.exec(message)?.[1] ?? last;
  }
}
