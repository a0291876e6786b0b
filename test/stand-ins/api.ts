import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gunzipSync } from "node:zlib";

export interface Received {
  run_id: string;
  event_id: string;
  seq: number;
  kind: string;
  created_at: string;
  project?: string;
  writer?: string;
  epoch?: number;
  step?: number;
  batch?: number;
  logs?: Record<string, unknown>;
}

/** What the stand-in says instead of taking the events. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface StandIn {
  readonly url: string;
  /** Each event once, by its id, in the order of arrival. */
  readonly events: Received[];
  /** Requests to post events, as they came: with repeats. */
  readonly posts: { events: Received[]; at: number; headers: IncomingMessage["headers"]; sentAt: string }[];
  readonly polls: string[];
  /** Asks a run to stop, from the next answer on. */
  stop(run: string, reason: string): void;
  /** Asks a run for another value, from the next answer on. */
  adjust(run: string, name: string, value: number): void;
  /**
   * Decides about a request to post events: null takes them, "cut" takes them and cuts the connection before the answer,
   * "half" in the middle of it, `afterMs` answers so much later.
   */
  decide: (events: Received[]) => Answer | "cut" | "half" | { afterMs: number } | null;
  /** What every answer to a post warns of. */
  warnings: unknown[];
  /** Cuts every connection and refuses new ones. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** A small server that stands in for the API: it takes events, keeps each once and tells runs to stop. */
export async function standIn(): Promise<StandIn> {
  const ids = new Set<string>();
  const stops = new Map<string, unknown>();
  const adjusts = new Map<string, Record<string, unknown>>();
  const asked = (actor: string, reason: string) => ({ actor, reason, at: new Date().toISOString() });
  const controlOf = (run: string) => {
    const adjust = adjusts.get(run);
    return { stop: stops.get(run) ?? null, ...(adjust && { adjust }) };
  };
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;

  const api: StandIn = {
    url: "",
    events: [],
    posts: [],
    polls: [],
    decide: () => null,
    warnings: [],
    stop(run, reason) {
      stops.set(run, { event_id: `stop-${stops.size}`, ...asked("ana", reason) });
    },
    adjust(run, name, value) {
      const wanted = { event_id: `adjust-${value}`, ...asked("ana", "flat"), value };
      adjusts.set(run, { ...adjusts.get(run), [name]: wanted });
    },
    async goDown() {
      const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
      for (const socket of sockets) socket.destroy();
      await closed;
      server = null;
    },
    async comeBack() {
      server = createServer((request, response) => void answer(request, response));
      server.on("connection", (socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
      });
      await new Promise<void>((resolve, reject) => {
        server!.once("error", reject).listen(port, "127.0.0.1", resolve);
      });
      port = (server.address() as AddressInfo).port;
    },
    close: () => api.goDown(),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const say = ({ status, headers = {}, body = {} }: Answer) => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.headers.authorization !== "Bearer secret") {
      return say({ status: 401, body: { title: "The token is not known.", fix: "Make a new one." } });
    }
    const { pathname } = new URL(request.url ?? "/", api.url);
    const polled = /^\/v1\/runs\/([^/]+)\/control$/.exec(pathname);
    if (polled) {
      const run = decodeURIComponent(polled[1]!);
      api.polls.push(request.url!);
      return say({ status: 200, body: { run, ...controlOf(run) } });
    }
    const raw = Buffer.concat(chunks);
    const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw).toString() : raw.toString();
    const { events, sent_at: sentAt } = JSON.parse(text) as { events: Received[]; sent_at: string };
    api.posts.push({ events, at: Date.now(), headers: request.headers, sentAt });
    const decided = api.decide(events);
    if (decided !== null && typeof decided === "object" && "status" in decided) return say(decided);
    const fresh = events.filter(({ event_id }) => !ids.has(event_id));
    for (const event of fresh) ids.add(event.event_id);
    api.events.push(...fresh);
    if (decided === "cut") return void request.socket.destroy();
    const runs = new Set(events.map(({ run_id }) => run_id));
    const control = Object.fromEntries([...runs].map((run) => [run, controlOf(run)]));
    const counts = { accepted: fresh.length, duplicates: events.length - fresh.length };
    const body = { ...counts, conflicts: [], control, warnings: api.warnings };
    if (decided === "half") {
      const whole = JSON.stringify(body);
      response.writeHead(200, { "content-type": "application/json", "content-length": whole.length });
      return void response.write(whole.slice(0, whole.length / 2), () => request.socket.destroy());
    }
    if (decided !== null) await new Promise((resolve) => setTimeout(resolve, decided.afterMs));
    say({ status: 200, body });
  }

  await api.comeBack();
  return Object.assign(api, { url: `http://127.0.0.1:${port}` });
}

/** Waits for a condition, with a deadline instead of a guess. */
export async function until(condition: () => boolean, what: string, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
