/** A reader of /v1/stream that counts bytes and resolves when an event has come. */
export interface StreamClient {
  seen(eventId: string): Promise<void>;
  /** Bytes of messages that carried events. */
  bytes(): number;
  close(): void;
}

export async function openStream({ url, readToken }: { url: string; readToken: string }): Promise<StreamClient> {
  const abort = new AbortController();
  const answer = await fetch(`${url}/v1/stream`, {
    headers: { authorization: `Bearer ${readToken}` },
    signal: abort.signal,
  });
  if (!answer.ok || answer.body === null) throw new Error(`The stream answered ${answer.status}.`);
  const waiting = new Map<string, () => void>();
  let bytes = 0;
  let ready: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    ready = resolve;
  });
  void (async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  })().catch(() => {});
  await opened;
  return {
    seen: (eventId) =>
      new Promise((resolve) => {
        waiting.set(eventId, resolve);
      }),
    bytes: () => bytes,
    close: () => abort.abort(),
  };

  function take(message: string): void {
    if (message.startsWith("event: hello")) ready();
    const data = /^data: (.*)$/m.exec(message)?.[1];
    if (data === undefined || !message.startsWith("event: events")) return;
    bytes += message.length + 2;
    for (const { event_id } of (JSON.parse(data) as { events: { event_id: string }[] }).events) {
      waiting.get(event_id)?.();
      waiting.delete(event_id);
    }
  }
}
