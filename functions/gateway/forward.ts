import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { REQUEST_ID } from "../../contract/headers.ts";
import { Refusal } from "../refusals/refusal.ts";

export interface Forwarded {
  method: string;
  url: URL;
  headers: Headers;
  body: Uint8Array | null;
  /** Ends it when the caller has left. */
  signal: AbortSignal;
}

const agents = { "http:": new HttpAgent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };
const NO_BODY = new Set([204, 205, 304]);
const PER_CONNECTION = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "trailer"]);
const CONNECT_MS = 10_000;

/**
 * One request, its answer as it comes: `fetch` would inflate the body and keep the header that says
 * it is gzipped.
 */
export async function forward({ method, url, headers, body, signal }: Forwarded): Promise<Response> {
  const answer = await ask({ method, url, headers, body, signal });
  const status = answer.statusCode ?? 502;
  const given = new Headers();
  for (let at = 0; at < answer.rawHeaders.length; at += 2) {
    const [name, value] = answer.rawHeaders.slice(at, at + 2) as [string, string];
    if (!PER_CONNECTION.has(name.toLowerCase())) given.append(name, value);
  }
  if (NO_BODY.has(status) || method === "HEAD") {
    answer.resume();
    return new Response(null, { status, headers: given });
  }
  return new Response(Readable.toWeb(answer) as unknown as ReadableStream, { status, headers: given });
}

function ask({ method, url, headers, body, signal }: Forwarded): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isPlain = url.protocol === "http:";
    const sent = (isPlain ? requestHttp : requestHttps)(
      url,
      {
        method,
        agent: agents[isPlain ? "http:" : "https:"],
        headers: {
          ...Object.fromEntries(headers),
          ...(body === null ? {} : { "content-length": String(body.byteLength) }),
        },
      },
      resolve,
    );
    sent.on("socket", (socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(() => sent.destroy(new Error("no connection")), CONNECT_MS);
      socket.once("connect", () => clearTimeout(timer));
      socket.once("close", () => clearTimeout(timer));
    });
    sent.on("error", (error) => {
      console.error(`request ${headers.get(REQUEST_ID)}: ${url.host}: ${error.message}`);
      reject(new Refusal("rpc-unavailable", "The RPC behind this API does not answer.", { retryAfter: 2 }));
    });
    signal.addEventListener("abort", () => sent.destroy(), { once: true });
    sent.end(body ?? undefined);
  });
}
