/** JSON over HTTP, as the APIs of visualizers want it. */

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: each caller knows the API that it asks
  body: any;
  /** The body as it came, such as a ZIP. */
  bytes: Uint8Array<ArrayBuffer>;
  /** "name=value; ..." of what the server set. */
  cookies: string;
}

/** A FormData is sent as one, anything else as JSON. */
export type Send = (method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown) => Promise<Answer>;

const LONGEST_MS = 60_000;

export class HttpError extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends to one server, with these headers. Anything but a 2xx rejects with the method, path, status
 * and the start of what was said; a redirect too, as Superset answers a refused request with one to
 * its login page.
 * @param hide texts that no error may show
 */
export function sender(url: string, headers: Record<string, string>, hide: string[]): Send {
  return async (method, path, body) => {
    const isJson = body !== undefined && !(body instanceof FormData);
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      // A connection that is kept may be closed by the other side just when it is used again.
      headers: {
        accept: "application/json",
        connection: "close",
        ...headers,
        ...(isJson ? { "content-type": "application/json" } : {}),
      },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as FormData) }),
      signal: AbortSignal.timeout(LONGEST_MS),
    }).catch((error: Error & { cause?: Error }) => {
      throw new Error(`${method} ${url}${path} got no answer: ${error.cause?.message || error.message}.`);
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    if (!response.ok) {
      const said = hide.reduce((shown, secret) => shown.replaceAll(secret, "***"), text).slice(0, 500);
      throw new HttpError(`${method} ${url}${path} answered ${response.status}: ${said}`, response.status);
    }
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    return { body: json(text), bytes, cookies: cookies.join("; ") };
  };
}

/** Waits until it answers well: a service that has just been started takes a while. */
export async function untilWell(send: Send, path: string, { seconds = 180, everyMs = 2000 } = {}): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      await send("GET", path);
      return;
    } catch (error) {
      if (Date.now() + everyMs > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
