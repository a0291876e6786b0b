import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { SavedView } from "../../dashboards/live/data/api.ts";
import { type PageDashboard, pageDashboards } from "../../dashboards/page-dashboards.ts";
import { standardDashboards } from "../../dashboards/shipped.ts";
import { Refusal } from "../../functions/refusals/refusal.ts";
import type { SqlResult } from "../../functions/stores/store.ts";
import { createFakeLog, type FakeLog, type Logged } from "../dashboards/live/data/fake-log.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

export const TOKEN = "a-token-for-the-fake";

export interface PageServerOptions {
  /** The built page. */
  root: string;
  projects?: string[];
  scopes?: string[];
  /** As an API that can't stream: each answer ends after what there is. */
  poll?: boolean;
  dashboards?: readonly PageDashboard[];
  sql?: (statement: string) => SqlResult | { status: number; detail: string; fix?: string };
}

export type PageServer = Awaited<ReturnType<typeof startPageServer>>;

/**
 * The HTTP surface that the page uses, over a log in memory: sessions, runs, series, stream, stop,
 * tags, SQL, dashboards, views.
 */
export async function startPageServer({
  root,
  projects = ["mnist"],
  scopes = ["read", "control"],
  poll = false,
  dashboards = pageDashboards(standardDashboards(), { dialect: "postgres", schema: "integraviz" }),
  sql,
}: PageServerOptions) {
  const logs = new Map<string, FakeLog>(projects.map((project) => [project, createFakeLog(project)]));
  const streams = new Set<{ project: string; response: ServerResponse; position: number }>();
  const sent = { stream: 0, series: 0 };
  const requests: { method: string; path: string; body: unknown }[] = [];
  const refused = new Set<string>();
  const views = new Map<string, SavedView>();
  const failing = new Map<string, number>();
  /** CSRF tokens given out for the present session: a renewed one leaves those before it good. */
  const given = new Set<string>();

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (error instanceof Refusal) return problem(response, error.status, error.message, error.details?.fix);
      answer(response, 500, { title: String(error) });
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake");
    const method = request.method ?? "GET";
    const body = method === "POST" ? JSON.parse((await readAll(request)) || "{}") : null;
    if (pathname.startsWith("/v1/") || pathname === "/views")
      requests.push({ method, path: `${pathname}?${searchParams}`, body });
    if (!pathname.startsWith("/v1/") && !["/dashboards", "/views"].includes(pathname)) return file(pathname, response);
    const failures = failing.get(pathname) ?? 0;
    if (failures > 0) {
      failing.set(pathname, failures - 1);
      return problem(response, 503, "The database is restarting.");
    }
    const session = { projects, scopes, actor: "ada@example.org" };
    if (pathname === "/v1/session" && method === "POST") {
      if (body.token !== TOKEN) return problem(response, 401, "This token is not good.", "Copy it again.");
      response.setHeader("set-cookie", "s=1; Path=/; HttpOnly; SameSite=Strict");
      return answer(response, 200, { ...session, csrf: freshCsrf() });
    }
    const isCookieGood = /(^|; )s=1/.test(request.headers.cookie ?? "");
    if (!isCookieGood || !given.has(String(request.headers["x-csrf-token"])))
      return problem(response, 401, "Not logged in.");
    if (pathname === "/v1/session") {
      if (method === "GET") return answer(response, 200, { ...session, csrf: freshCsrf() });
      return answer(response.setHeader("set-cookie", "s=; Path=/; Max-Age=0"), 204);
    }
    if (pathname === "/views" && method === "GET")
      return answer(response, 200, { views: [...views.values()].reverse() });
    if (pathname === "/views") return keepView(body, session.actor, response);
    if (pathname === "/dashboards") return answer(response, 200, { dashboards });
    if (pathname === "/v1/sql") return runSql(body.sql, response);
    const project = searchParams.get("project") ?? projects[0]!;
    const log = logs.get(project);
    if (!log) return problem(response, 404, `No project ${project}.`);
    if (pathname === "/v1/runs") return answer(response, 200, await log.runs(searchParams));
    if (pathname === "/v1/series") {
      const odd = searchParams.getAll("metric").findIndex((metric) => refused.has(metric));
      if (odd >= 0) return problem(response, 400, `metric.${odd} is not valid.`, "Ask without it.");
      const text = JSON.stringify(await log.series(searchParams));
      sent.series += text.length;
      return answer(response, 200, text);
    }
    if (pathname === "/v1/stream") return stream(project, log, request, searchParams, response);
    const [, run, act] = /^\/v1\/runs\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    const id = decodeURIComponent(run ?? "");
    const detail = await log.run(id);
    if (!detail) return problem(response, 404, `There is no run ${id}.`);
    if (!act) return answer(response, 200, detail);
    const asked = { run: id, actor: session.actor };
    if (act === "stop") push(project, { ...asked, kind: "stop_requested", logs: { reason: body.reason } });
    if (act === "adjust") push(project, { ...asked, kind: "adjust_requested", logs: body });
    if (act === "end") push(project, { ...asked, kind: "end_marked", logs: { reason: body.reason } });
    if (act === "tags") push(project, { ...asked, kind: "tags", logs: body.tags });
    return answer(response, 202, {});
  }

  function keepView({ name, view }: { name: string; view: string | null }, actor: string, response: ServerResponse) {
    views.delete(name);
    if (view !== null) views.set(name, { name, view, actor, at: new Date().toISOString() });
    return answer(response, 202, { accepted: 1 });
  }

  function freshCsrf(): string {
    const csrf = `csrf-${given.size + 1}`;
    given.add(csrf);
    return csrf;
  }

  function runSql(statement: string, response: ServerResponse) {
    const result = sql?.(statement) ?? { columns: [], rows: [], truncated: false };
    if ("status" in result) return problem(response, result.status, result.detail, result.fix);
    return answer(response, 200, { ...result, ms: 3 });
  }

  function stream(
    project: string,
    log: FakeLog,
    request: IncomingMessage,
    search: URLSearchParams,
    response: ServerResponse,
  ) {
    const position = Number(request.headers["last-event-id"] ?? search.get("after") ?? log.cursor());
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const one = { project, response, position };
    streams.add(one);
    response.on("close", () => streams.delete(one));
    response.write(`retry: 200\nevent: hello\nid: ${position}\ndata: {}\n\n`);
    if (log.events.length - position > Number(search.get("backlog") ?? Number.POSITIVE_INFINITY)) {
      one.position = log.events.length;
      response.write(`event: reset\nid: ${one.position}\ndata: {"cursor":"${one.position}"}\n\n`);
    }
    flush(one, log);
    if (poll) response.end();
  }

  function flush(one: { response: ServerResponse; position: number }, log: FakeLog) {
    const events = log.events.slice(one.position);
    if (events.length === 0) return;
    one.position = log.events.length;
    const message = `event: events\nid: ${one.position}\ndata: ${JSON.stringify({ events })}\n\n`;
    sent.stream += message.length;
    one.response.write(message);
  }

  /** Logs events and sends them to whoever listens, as one message. */
  function push(project: string, ...events: Logged[]) {
    const log = logs.get(project)!;
    for (const event of events) log.append(event);
    for (const one of streams) if (one.project === project) flush(one, log);
  }

  async function file(path: string, response: ServerResponse) {
    const name = path === "/" ? "index.html" : path.slice(1);
    const content = await readFile(join(root, name)).catch(() => null);
    if (content === null) return answer(response, 404, { title: "Not found" });
    response.writeHead(200, {
      "content-type": TYPES[extname(name)] ?? "text/plain",
      "content-security-policy": POLICY,
    });
    response.end(content);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    /** The link that logs a browser in. */
    link: `${origin}/#token=${TOKEN}`,
    log: (project = projects[0]!) => logs.get(project)!,
    push,
    /** Characters of stream messages and of series sent so far. */
    sent,
    requests,
    /** The saved views, by name. */
    views,
    listeners: () => streams.size,
    /** The next requests of a path fail, as many as are named. */
    fail: (path: string, times: number) => void failing.set(path, times),
    /** No question for series is answered that names this metric. */
    refuse: (metric: string) => void refused.add(metric),
    dropStreams() {
      for (const one of streams) one.response.destroy();
    },
    endSession() {
      given.clear();
      for (const one of streams) one.response.destroy();
    },
    async close() {
      for (const one of streams) one.response.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

function answer(response: ServerResponse, status: number, body?: unknown) {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, detail: string, fix?: string) {
  answer(response, status, { type: "about:blank", title: "Refused", status, detail, fix });
}
