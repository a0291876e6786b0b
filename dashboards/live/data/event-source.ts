/** An answer's headers come with each request: a browser's EventSource can send none. */
export type OpenAnswer = (headers: Record<string, string>, signal: AbortSignal) => Promise<Response>;

/** What a stream needs of an EventSource. */
export interface Source {
  on(type: string, listener: (message: MessageEvent<string>) => void): void;
  readonly readyState: number;
  close(): void;
}

/** Where the server names no other time to come back. */
const RETRY_MS = 3000;

const [CONNECTING, OPEN, CLOSED] = [0, 1, 2];

/**
 * Reads server-sent events (HTML standard, 9.2) as a browser's EventSource does: comes back where
 * the connection ends, with Last-Event-ID, and closes for good where the answer is no stream.
 */
export function openSource(ask: OpenAnswer): Source {
  const target = new EventTarget();
  const ending = new AbortController();
  const { signal } = ending;
  let readyState = CONNECTING;
  let lastEventId = "";
  let retry = RETRY_MS;

  function take(message: string) {
    const fields: Record<string, string> = {};
    for (const line of message.split("\n")) {
      // A line may hold what JavaScript takes for the end of one (U+2028), and the stream does not.
      const [, name, value] = /^(\w+): ?(.*)$/s.exec(line) ?? [];
      if (name !== undefined) fields[name] = name === "data" && fields.data ? `${fields.data}\n${value}` : value!;
    }
    if (fields.id !== undefined) lastEventId = fields.id;
    if (/^\d+$/.test(fields.retry ?? "")) retry = Number(fields.retry);
    if (fields.data === undefined) return;
    target.dispatchEvent(new MessageEvent(fields.event ?? "message", { data: fields.data, lastEventId }));
  }

  async function read(body: ReadableStream<Uint8Array>) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const messages = (text + decoder.decode(value, { stream: true })).split("\n\n");
      text = messages.pop()!;
      for (const message of messages) if (!signal.aborted) take(message);
    }
  }

  function say(state: number, type: "open" | "error") {
    if (signal.aborted) return;
    readyState = state;
    target.dispatchEvent(new Event(type));
  }

  async function follow() {
    while (!signal.aborted) {
      try {
        const headers = { accept: "text/event-stream", ...(lastEventId ? { "last-event-id": lastEventId } : {}) };
        const answer = await ask(headers, signal);
        if (answer.status !== 200 || answer.body === null) return say(CLOSED, "error");
        say(OPEN, "open");
        await read(answer.body);
      } catch {
        // No answer, or one that broke off.
      }
      say(CONNECTING, "error");
      await new Promise((resolve) => setTimeout(resolve, retry));
    }
  }

  void follow();
  return {
    on: (type, listener) => target.addEventListener(type, listener as EventListener),
    get readyState() {
      return readyState;
    },
    close() {
      readyState = CLOSED;
      ending.abort();
    },
  };
}
