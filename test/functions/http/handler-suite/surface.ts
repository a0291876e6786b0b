import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../../functions/event/event.ts";
import { routes } from "../../../../functions/http/routes/routes.ts";
import { openApiProblems } from "../openapi-problems.ts";
import type { SuiteApi } from "./api.ts";

interface Operation {
  operationId: string;
  parameters: { name: string; description?: string }[];
  responses: Record<string, { content?: Record<string, { schema?: { properties?: { code?: { enum?: string[] } } } }> }>;
}

export function surfaceTests(api: SuiteApi): void {
  const event = (run: string, logs = "{}") => `{"run_id":"${run}","kind":"k","logs":${logs}}`;
  const post = (body: unknown, headers: Record<string, string> = {}) => ({ token: api.ingest, body, headers });

  describe("limits", () => {
    const LARGE = Buffer.alloc(LIMITS.bodyBytes + 1, "[");

    test("a body that says it is too large", async () => {
      expect(
        (await api.problem("/v1/events", 413, post(LARGE, { "content-length": String(LARGE.length) }))).detail,
      ).toContain(String(LIMITS.bodyBytes));
    });

    test("a body that does not say so, in pieces", async () => {
      const pieces = () =>
        new ReadableStream<Uint8Array>({
          pull(controller) {
            controller.enqueue(LARGE.subarray(0, 1024 * 1024));
          },
        });
      await api.problem("/v1/events", 413, post(pieces()));
      await api.problem("/v1/runs/r/stop", 413, { token: api.controller, body: pieces() });
      await api.problem("/v1/session", 413, { body: pieces() });
    });

    test("a body that inflates to too much", async () => {
      const bomb = gzipSync(Buffer.alloc(LIMITS.inflatedBytes + 1, " "));
      expect(bomb.length).toBeLessThan(100_000);
      expect((await api.problem("/v1/events", 413, post(bomb, { "content-encoding": "gzip" }))).detail).toContain(
        String(LIMITS.inflatedBytes),
      );
    });

    test("a large body within the limits", async () => {
      const run = api.fresh("large");
      const body = `[${Array.from({ length: 4 }, (_, index) => event(run, `{"i":${index},"x":"${"x".repeat(1_900_000)}"}`))}]`;
      expect(await api.json("/v1/events", post(body))).toMatchObject({ accepted: 4 });
      const zipped = gzipSync(body.replaceAll('"i":', '"j":'));
      expect(await api.json("/v1/events", post(zipped, { "content-encoding": "gzip" }))).toMatchObject({ accepted: 4 });
    });

    test.each([
      ["numbers", "0,", "0"],
      ["NaNs", "NaN,", "NaN"],
      ["objects", "{},", "{}"],
    ])("too many %s", async (_, some, last) => {
      const body = gzipSync(`[${some.repeat(LIMITS.values)}${last}]`);
      const problem = await api.problem("/v1/events", 413, post(body, { "content-encoding": "gzip" }));
      expect(problem.detail).toContain(`${LIMITS.values} values`);
    });

    test("commas in text are no values", async () => {
      const body = event(api.fresh("commas"), `{"x":"${'\\",[{'.repeat(LIMITS.values / 2)}"}`);
      expect(await api.json("/v1/events", post(body))).toMatchObject({ accepted: 1 });
    });

    test("too many events, too large logs, too deep nesting", async () => {
      const run = api.fresh("limits");
      await api.problem("/v1/events", 413, post(`[${Array(LIMITS.events + 1).fill(event(run))}]`));
      await api.problem("/v1/events", 413, post(event(run, `{"x":"${"x".repeat(LIMITS.logsBytes)}"}`)));
      const nested = (levels: number) => `{"x":${"[".repeat(levels)}${"]".repeat(levels)}}`;
      expect(await api.problem("/v1/events", 400, post(event(run, nested(LIMITS.depth))))).toMatchObject({
        field: expect.stringMatching(/^logs\.x\[0\]/),
      });
      await api.problem("/v1/events", 400, post(event(run, nested(LIMITS.values - 10))));
      await api.problem("/v1/events", 413, post("[".repeat(4_000_000)));
      expect(await api.json("/v1/events", post(event(run, nested(LIMITS.depth - 1))))).toMatchObject({ accepted: 1 });
    });

    test.each([
      ["not gzip", Buffer.from("[]"), "gzip", 400],
      ["half of a gzip", gzipSync("x".repeat(1000)).subarray(0, 20), "gzip", 400],
      ["an encoding nobody knows", Buffer.from("[]"), "br", 415],
      ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "identity", 400],
      ["a half character", Buffer.from([0xe2, 0x82]), "identity", 400],
      ["nothing", Buffer.alloc(0), "identity", 400],
      ["NUL", Buffer.alloc(10), "identity", 400],
    ])("a body that is %s", async (_, body, encoding, status) => {
      const ask = post(new Uint8Array(body), { "content-encoding": encoding });
      if (api.inflates && encoding === "gzip") expect((await api.ask("/v1/events", ask)).status).toBe(status);
      else await api.problem("/v1/events", status, ask);
    });
  });

  describe("what is not there", () => {
    test.each([
      ["GET", "/nothing"],
      ["POST", "/v1"],
      ["GET", "/v1/"],
      ["GET", "/v1/runs/a/b"],
      ["GET", "/v1/runs/"],
      ["GET", "/.git/config"],
      ["GET", "/..%2f..%2fetc%2fpasswd"],
    ])("%s %s is 404", async (method, path) => {
      expect((await api.problem(path, 404, { method })).fix).toContain("/openapi.json");
    });

    test.each([
      ["GET", "/v1/events", "POST"],
      ["DELETE", "/v1/runs", "GET"],
      ["PUT", "/v1/session", "POST"],
      ["GET", "/v1/runs/r/stop", "POST"],
      ["POST", "/healthz", "GET"],
      ["PATCH", "/v1/runs/r", "GET"],
    ])("%s %s is 405 and says what is taken", async (method, path, right) => {
      expect((await api.problem(path, 405, { method })).fix).toContain(right);
      expect((await api.ask(path, { method })).headers.get("allow")).toContain(right);
    });
  });

  describe("service", () => {
    test.each(["/health", "/healthz"])("%s needs no token", async (path) => {
      const answer = await api.ask(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(await answer.json()).toEqual({ status: "ok", store: { ok: true, kind: expect.stringMatching(/./) } });
    });

    test("healthz says when the store is away, a request that needs it 5xx without details", async () => {
      const reports: unknown[] = [];
      const away = () => Promise.reject(new Error("password=secret at host.internal"));
      const store = Object.create(api.store, {
        health: { value: async () => ({ ok: false, kind: "x", detail: "The database does not answer." }) },
        runs: { value: away },
      });
      const other = await api.with({ store, report: (error) => reports.push(error) });
      const answer = await other.ask("/healthz");
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ status: "store unavailable" });
      const problem = await other.problem("/v1/runs", 500, { token: api.reader });
      expect(JSON.stringify(problem)).not.toMatch(/secret|internal\b.*host|host\.internal/);
      expect(reports.length).toBe(1);
    });

    test("a Host header that is not ours is misdirected", async () => {
      const strict = await api.with({ hostnames: new Set([api.served.hostname]) });
      await strict.json("/healthz");
      const other = await api.with({ hostnames: new Set(["other.example"]) });
      expect(await other.problem("/healthz", 421)).toMatchObject({ field: "Host", fix: "Use other.example." });
      await other.problem("/v1/events", 421, post(event("r")));
      await other.problem("/nothing", 421);
    });

    test("every answer carries an id of its request, the caller's own where that is a UUID", async () => {
      const own = "01985f3c-7a1b-7c2d-8e3f-0123456789ab";
      const idOf = async (path: string, id?: string) => {
        const answer = await api.ask(path, { ...(id === undefined ? {} : { headers: { "x-request-id": id } }) });
        await answer.arrayBuffer();
        return answer.headers.get("x-request-id");
      };
      expect(await idOf("/healthz", own)).toBe(own);
      expect(await idOf("/nothing", own)).toBe(own);
      const made = [
        await idOf("/healthz"),
        await idOf("/nothing"),
        await idOf("/healthz", "a b"),
        await idOf("/v1/runs"),
      ];
      expect(new Set(made).size).toBe(4);
      for (const id of made) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    });

    test("what goes wrong here is reported under the id that the caller is told", async () => {
      const reports: unknown[][] = [];
      const broken = new Error("broken");
      const store = Object.create(api.store, { runs: { value: () => Promise.reject(broken) } });
      const other = await api.with({ store, report: (...told) => reports.push(told) });
      const { instance } = await other.problem("/v1/runs", 500, { token: api.reader });
      expect(reports).toEqual([[broken, instance.replace("urn:uuid:", "")]]);
    });

    test("answers are compressed for those who ask", async () => {
      const run = api.fresh("compressed");
      await api.send(
        Array.from({ length: 500 }, (_, step) => ({
          run_id: run,
          kind: "on_train_batch_end",
          step,
          logs: { loss: step },
        })),
      );
      const answer = await api.ask(`/v1/runs/${run}`, { token: api.reader, headers: { "accept-encoding": "gzip" } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-encoding")).toBe("gzip");
      await answer.arrayBuffer();
    });
  });

  describe("the description", () => {
    test("lists every route, each with its scope", async () => {
      const document = await api.json<{ paths: Record<string, Record<string, { "x-scope"?: string }>> }>(
        "/openapi.json",
      );
      for (const { method, path, scope } of routes) {
        const operation = document.paths[path.replace(/:(\w+)/g, "{$1}")]?.[method];
        expect(operation, `${method} ${path}`).toBeDefined();
        expect(operation?.["x-scope"]).toBe(scope === "none" ? undefined : scope);
      }
      const listed = Object.values(document.paths).flatMap((operations) => Object.keys(operations));
      expect(listed.length).toBe(routes.length);
    });

    test("says what a stream and the paper's POST are like", async () => {
      const { paths } = await api.json<{ paths: Record<string, Record<string, Operation>> }>("/openapi.json");
      expect(Object.keys(paths["/v1/stream"]?.get?.responses["200"]?.content ?? {})).toEqual(["text/event-stream"]);
      expect(paths["/"]?.post?.parameters).toContainEqual(expect.objectContaining({ name: "token", in: "query" }));
    });

    test("names every operation, describes every parameter and every way to be refused", async () => {
      const { paths } = await api.json<{ paths: Record<string, Record<string, Operation>> }>("/openapi.json");
      const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
      expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length);
      for (const { operationId, parameters, responses } of operations) {
        for (const { name, description } of parameters)
          expect(description, `${operationId} ${name}`).toMatch(/^[\p{L}`].*\.$/su);
        const refused = Object.entries(responses).filter(([status]) => Number(status) >= 400);
        expect(refused.map(([status]) => status)).toContain("500");
        for (const [status, { content }] of refused) {
          const schema = content?.["application/problem+json"]?.schema;
          expect(schema?.properties?.code?.enum?.length, `${operationId} ${status}`).toBeGreaterThan(0);
        }
      }
    });

    test("is OpenAPI 3.1", async () => {
      expect(openApiProblems(await api.json("/openapi.json"))).toEqual([]);
    });
  });
}
