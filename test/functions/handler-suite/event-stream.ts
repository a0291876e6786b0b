/** Reads a stream of server-sent events, as a browser's EventSource does. */
export class EventStream {
  readonly answer: Response;
  readonly #messages: Message[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #ended = false;
  #wake: () => void = () => {};

  constructor(answer: Response) {
    if (answer.status !== 200 || answer.body === null) throw new Error(`The stream was refused with ${answer.status}.`);
    this.answer = answer;
    this.#reader = answer.body.getReader();
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
    await this.#reader.cancel().catch(() => {});
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
        const parts = text.split("\n\n");
        text = parts.pop() as string;
        for (const part of parts) if (!part.startsWith(":")) this.#messages.push(messageOf(part));
        this.#wake();
      }
    } catch {
      // Broken or cancelled: it has ended either way.
    }
    this.#ended = true;
    this.#wake();
  }
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
