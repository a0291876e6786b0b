import type {
  RunDetail,
  RunsPage,
  RunsQuery,
  SeriesPage,
  SeriesQuery,
  SqlResult,
} from "../../../functions/stores/store.ts";
import type { PageDashboard } from "../../page-dashboards.ts";
import { openSource } from "./event-source.ts";
import { createKept } from "./kept.ts";

/** Who is looking, and what they may do. */
export interface Session {
  projects: string[];
  scopes: string[];
  actor: string;
}

/** An answer of RFC 9457: what went wrong and what would mend it. Status 0: no answer at all. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly fix: string | null;

  constructor(status: number, detail: string, fix: string | null = null) {
    super(detail);
    this.status = status;
    this.fix = fix;
  }
}

export interface Tags {
  name?: string | null;
  note?: string | null;
  archived?: boolean | null;
}

/** Another value that is asked for. */
export interface Adjust {
  name: string;
  value: number;
  reason: string;
}

/** What people kept under a name: the part of an address behind the #. */
export interface SavedView {
  name: string;
  view: string;
  actor: string | null;
  /** ISO 8601. */
  at: string;
}

export type Api = ReturnType<typeof createApi>;

/**
 * The HTTP surface of the page's own origin, asked by the session, or by a token alone and then
 * without any cookie. `onSignedOut` is called when that is no longer good.
 */
export function createApi(onSignedOut: () => void, bearer: string | null = null) {
  /**
   * The half of the session that is sent beside the cookie, which goes to other ports of the host
   * too. Read for each request: another window may have renewed it.
   */
  const csrf = createKept("integraviz-csrf");
  const credentials = (): Record<string, string> => {
    if (bearer !== null) return { authorization: `Bearer ${bearer}` };
    const token = csrf.get();
    return token === null ? {} : { "x-csrf-token": token };
  };

  const cookies: RequestInit = bearer === null ? {} : { credentials: "omit" };

  async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const headers: Record<string, string> = { accept: "application/json", ...credentials() };
    if (body !== undefined) headers["content-type"] = "application/json";
    const init: RequestInit = { method, headers, ...cookies };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (signal) init.signal = signal;
    const response = await fetch(path, init).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new Problem(0, "The server does not answer.", "Check that it is running; the page goes on by itself.");
    });
    if (response.ok) return (response.status === 204 ? undefined : await response.json().catch(() => undefined)) as T;
    const problem = await problemOf(response);
    if (response.status === 401 && !path.startsWith("/v1/session")) onSignedOut();
    throw problem;
  }

  async function enter(method: "GET" | "POST", body?: unknown): Promise<Session> {
    const { csrf: token, ...session } = await call<Session & { csrf: string }>(method, "/v1/session", body);
    csrf.set(token);
    return session;
  }

  const runPath = (project: string, run: string, what = "") =>
    `/v1/runs/${encodeURIComponent(run)}${what}?${query({ project })}`;

  return {
    /** Renews the session as well. */
    session: () => enter("GET"),
    signIn: (token: string) => enter("POST", { token }),
    signOut: () => call<void>("DELETE", "/v1/session").finally(() => csrf.set(null)),
    stream: (asked: { project: string; run: string | undefined; after: string; backlog: number }) =>
      openSource((headers, signal) => {
        const init: RequestInit = { headers: { ...headers, ...credentials() }, signal, cache: "no-store", ...cookies };
        return fetch(`/v1/stream?${query(asked)}`, init);
      }),
    runs: (asked: RunsQuery, signal?: AbortSignal) =>
      call<RunsPage>("GET", `/v1/runs?${query({ ...asked })}`, undefined, signal),
    run: (project: string, run: string, signal?: AbortSignal) =>
      call<RunDetail>("GET", runPath(project, run), undefined, signal),
    series: ({ runs, metrics, ...asked }: SeriesQuery, signal?: AbortSignal) =>
      call<SeriesPage>("GET", `/v1/series?${query({ ...asked, run: runs, metric: metrics })}`, undefined, signal),
    stop: (project: string, run: string, reason: string) =>
      call<unknown>("POST", runPath(project, run, "/stop"), { reason }),
    adjust: (project: string, run: string, asked: Adjust) =>
      call<unknown>("POST", runPath(project, run, "/adjust"), asked),
    end: (project: string, run: string, reason: string) =>
      call<unknown>("POST", runPath(project, run, "/end"), { reason }),
    tag: (project: string, run: string, tags: Tags) => call<unknown>("POST", runPath(project, run, "/tags"), { tags }),
    dashboards: () => call<{ dashboards: PageDashboard[] }>("GET", "/dashboards"),
    views: (project: string) => call<{ views: SavedView[] }>("GET", `/views?${query({ project })}`),
    /** Without a view the name is taken away. */
    saveView: (project: string, asked: { run: string; name: string; view: string | null }) =>
      call<unknown>("POST", `/views?${query({ project })}`, asked),
    sql: (sql: string, signal?: AbortSignal) => call<SqlResult & { ms: number }>("POST", "/v1/sql", { sql }, signal),
  };
}

type QueryValue = string | number | boolean | string[] | undefined;

/** A query string without what is undefined; a list repeats its name. */
export function query(values: Record<string, QueryValue>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (Array.isArray(value)) for (const one of value) search.append(name, one);
    else if (value !== undefined) search.append(name, String(value));
  }
  return search.toString();
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (name: string) => (typeof body[name] === "string" ? (body[name] as string) : null);
  const detail = text("detail") ?? text("title") ?? `The server answered ${response.status}.`;
  return new Problem(response.status, detail, text("fix"));
}
