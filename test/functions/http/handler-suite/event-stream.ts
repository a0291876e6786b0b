import { setTimeout as delay } from "node:timers/promises";

/** Asks for the stream again, after the event that came last. */
export type Reopen = (lastEventId: string) => Promise<Response>;

/**
 * Reads a stream of server-sent events, as a browser's EventSource does: with `reopen` it goes on
 * where one has ended.
 */
export class EventStream {
  readonly answer: Response;
  readonly #messages: Message[] = [];
  readonly #reopen: Reopen | undefined;
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #ended = false;
  #closed = false;
  #last = "";
  #wake: () => void = () => {};

  constructor(answer: Response, reopen?: Reopen) {
    this.answer = answer;
    this.#reopen = reopen;
    this.#reader = readerOf(answer);
    void this.#read();
  }

  /** The next message, within the deadline; null where the stream has ended. */
  async next(deadlineMs = 10_000): Promise<Message | null> {
    const deadline = Date.now() + deadlineMs;
    while (this.#messages.length === 0 && !this.#ended) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`The stream said nothing for ${deadlineMs} ms.`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#messages.shift() ?? null;
  }

  /** Event ids in the order in which they came, until so many have. */
  async ids(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) {
      const message = await this.next();
      if (message === null) throw new Error(`The stream ended after ${ids.length} of ${count} events.`);
      if (message.event === "events") ids.push(...message.data.events.map(({ event_id }) => event_id));
    }
    return ids;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<void> {
    try {
      await this.#readOne(() => true);
      while (this.#reopen !== undefined && !this.#closed) {
        await delay(20);
        this.#reader = readerOf(await this.#reopen(this.#last));
        await this.#readOne(({ event }) => event !== "hello");
      }
    } catch {
      // Broken or cancelled: it has ended either way.
    }
    this.#ended = true;
    this.#wake();
  }

  async #readOne(isWanted: (message: Message) => boolean): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const parts = text.split("\n\n");
      text = parts.pop() as string;
      for (const message of parts.filter((part) => !part.startsWith(":")).map(messageOf)) {
        this.#last = message.id;
        if (message.data !== null && isWanted(message)) this.#messages.push(message);
      }
      this.#wake();
    }
  }
}

function readerOf(answer: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (answer.status !== 200 || answer.body === null) throw new Error(`The stream was refused with ${answer.status}.`);
  return answer.body.getReader();
}

export interface Message {
  event: string;
  id: string;
  retry: string | undefined;
  data: { cursor: string; events: ({ event_id: string } & Record<string, unknown>)[] };
}

function messageOf(part: string): Message {
  const fields: Record<string, string> = {};
  for (const line of part.split("\n")) {
    const at = line.indexOf(":");
    fields[line.slice(0, at)] = line.slice(at + 1).trimStart();
  }
  return {
    event: fields.event ?? "message",
    id: fields.id ?? "",
    retry: fields.retry,
    data: JSON.parse(fields.data ?? "null"),
  };
}
