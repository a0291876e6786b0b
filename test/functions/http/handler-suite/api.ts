import { randomUUID } from "node:crypto";
import type { Hono } from "hono";
import { afterAll, beforeAll, expect } from "vitest";
import * as z from "zod/mini";
import { REFUSALS, type RefusalCode } from "../../../../contract/refusals.ts";
import type { SigningKey } from "../../../../contract/tokens.ts";
import { createHandler, type HandlerOptions } from "../../../../functions/http/handler.ts";
import { refusalCodes } from "../../../../functions/http/routes/refusal-codes.ts";
import { routes } from "../../../../functions/http/routes/routes.ts";
import { createVerifier, type Grant, signToken } from "../../../../functions/http/tokens.ts";
import type { Store, Run as StoredRun } from "../../../../functions/stores/store.ts";

/** What the suite is run on: a store behind an adapter. */
export interface Subject {
  /** The store and what carries the requests: `memory, fetch`. */
  name: string;
  openStore(): Promise<Store>;
  /** Whether the store answers SQL. */
  sql: boolean;
  adapter: Adapter;
  /** "poll" where what carries the requests cannot stream. */
  streaming?: "live" | "poll";
  /**
   * What carries the requests decodes their paths, so that no run with / or ? in its name can be
   * asked for.
   */
  decodesPaths?: boolean;
  /** What carries the requests inflates their bodies, and answers itself where one is no gzip. */
  inflates?: boolean;
  /** Events go through a queue, so that answers know nothing of what stands. */
  isQueued?: boolean;
}

/** Puts a handler behind whatever carries its requests. */
export type Adapter = (app: Hono) => Promise<Served>;

export interface Served {
  /** What it is called in URLs. */
  hostname: string;
  protocol?: "http" | "https";
  request(path: string, init: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export interface Ask {
  method?: string;
  token?: string | undefined;
  /** Text and bytes are sent as they are, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

export interface ErrorDocument {
  type: string;
  code: RefusalCode;
  instance: string;
  title: string;
  status: number;
  detail: string;
  field?: string;
  found?: string;
  fix?: string;
}

export const KEY: SigningKey = { kty: "oct", alg: "HS256", kid: "suite", k: "c3VpdGUtc3VpdGUtc3VpdGUtc3VpdGUtc3VpdGU" };

/** The client's side of one served handler. */
export class Api {
  served!: Served;

  async ask(path: string, { method, token, body, headers = {} }: Ask = {}): Promise<Response> {
    const isRaw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
    return this.served.request(path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { body: (isRaw ? body : JSON.stringify(body)) as BodyInit }),
      ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
    } as RequestInit);
  }

  /** The answer, which must be a good one and what the route is described to give. */
  async json<T>(path: string, ask: Ask = {}): Promise<T> {
    const answer = await this.ask(path, ask);
    const text = await answer.text();
    expect(answer.ok, `${answer.status} ${text}`).toBe(true);
    const said = JSON.parse(text) as T;
    const route = routeOf(path, ask);
    expect(answer.status).toBe(route?.status ?? 200);
    if (route?.answer !== undefined) expect(z.safeParse(route.answer, said).error, text.slice(0, 500)).toBeUndefined();
    return said;
  }

  /**
   * The error document, which must be whole, and its code one that the route is described to give.
   */
  async problem(path: string, status: number, ask: Ask = {}): Promise<ErrorDocument> {
    const answer = await this.ask(path, ask);
    const text = await answer.text();
    expect(answer.status, text).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(text).not.toMatch(/\.ts:\d|node_modules|at \w+ \(/);
    const document = JSON.parse(text) as ErrorDocument;
    const { code } = document;
    expect(document).toMatchObject({ type: `/docs/errors.md#${code}`, status, title: expect.stringMatching(/^[A-Z]/) });
    expect(REFUSALS[code].status, code).toBe(status);
    expect(document.detail).toMatch(/\.$/);
    expect(document.instance).toBe(`urn:uuid:${answer.headers.get("x-request-id")}`);
    const route = routeOf(path, ask);
    if (route !== undefined) expect(refusalCodes(route), `${route.operation} is described without it`).toContain(code);
    return document;
  }
}

/** The route that the request goes to, if any. */
function routeOf(path: string, { method, body }: Ask) {
  const asked = method ?? (body === undefined ? "GET" : "POST");
  return routes.find((one) => one.method === asked.toLowerCase() && isAt(one.path, path));
}

function isAt(route: string, path: string): boolean {
  return new RegExp(`^${route.replace(/:\w+/g, "[^/]+")}$`).test(new URL(path, "http://any").pathname);
}

/** The suite's own: one store, one handler, tokens, and names that no other test uses. */
export class SuiteApi extends Api {
  store!: Store;
  /** Errors of the server's own. There must be none. */
  reports: unknown[] = [];
  readonly streaming: "live" | "poll";
  readonly decodesPaths: boolean;
  readonly inflates: boolean;
  readonly isQueued: boolean;
  readonly #adapter: Adapter;
  readonly #others: Served[] = [];
  ingest!: string;
  reader!: string;
  controller!: string;

  constructor(subject: Subject) {
    super();
    this.#adapter = subject.adapter;
    this.streaming = subject.streaming ?? "live";
    this.decodesPaths = subject.decodesPaths ?? false;
    this.inflates = subject.inflates ?? false;
    this.isQueued = subject.isQueued ?? false;
    beforeAll(async () => {
      this.store = await subject.openStore();
      this.served = await this.#serve({});
      this.ingest = await this.token({ scopes: ["ingest"] });
      this.reader = await this.token({ scopes: ["read"] });
      this.controller = await this.token({ scopes: ["read", "control"], actor: "ada" });
    });
    afterAll(async () => {
      for (const served of [this.served, ...this.#others]) await served.close();
      await this.store.close();
      expect(this.reports).toEqual([]);
    });
  }

  /** Another handler over the same store. */
  async with(options: Partial<HandlerOptions>): Promise<Api> {
    const other = new Api();
    other.served = await this.#serve(options);
    this.#others.push(other.served);
    return other;
  }

  #serve(options: Partial<HandlerOptions>): Promise<Served> {
    return this.#adapter(
      createHandler({
        store: this.store,
        verify: createVerifier({ keys: [KEY], denied: () => this.store.deniedTokens() }),
        report: (error) => this.reports.push(error),
        streaming: this.streaming,
        ...options,
      }),
    );
  }

  token(grant: Partial<Grant> = {}, { key = KEY, expiresAt }: { key?: SigningKey; expiresAt?: Date } = {}) {
    const whole: Grant = {
      actor: "someone",
      projects: "*",
      scopes: ["ingest", "read", "control"],
      jti: randomUUID(),
      ...grant,
    };
    return signToken(key, whole, expiresAt === undefined ? {} : { expiresAt });
  }

  /** A run, project or id that nothing else has. */
  fresh(what: string): string {
    return `${what}-${randomUUID().slice(0, 8)}`;
  }

  send(events: unknown, { token = this.ingest, query = "" }: { token?: string; query?: string } = {}) {
    return this.json<Answer>(`/v1/events${query}`, { token, body: events });
  }

  run(run: string, project = "default") {
    return this.json<Run>(`/v1/runs/${encodeURIComponent(run)}?project=${project}`, { token: this.reader });
  }
}

export interface Answer {
  accepted: number;
  duplicates: number;
  conflicts: string[];
  control: Record<string, { stop: { event_id: string; actor: string; reason: string; at: string } | null }>;
}

export interface Run extends Omit<StoredRun, "project"> {
  summary: Record<string, unknown>[];
  audit: { kind: string; actor: string; at: string; logs: unknown }[];
}
