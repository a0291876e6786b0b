import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import type { SigningKey } from "../../../../contract/tokens.ts";
import { createVerifier } from "../../../../functions/http/tokens.ts";
import type { Answer, SuiteApi } from "./api.ts";

const OTHER_KEY: SigningKey = { kty: "oct", alg: "HS256", kid: "suite", k: "b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXI" };

export function accessTests(api: SuiteApi): void {
  const event = (run: string, more: object = {}) => ({ run_id: run, kind: "on_epoch_end", logs: { loss: 1 }, ...more });

  /** Every route that needs a token, with a body where it takes one. */
  const guarded = (run: string): [method: string, path: string, scope: string, body?: unknown][] => [
    ["POST", "/v1/events", "ingest", event(run)],
    ["POST", "/", "ingest", { id: run, description: "k", created_at: "2023-08-14" }],
    ["GET", `/v1/runs/${run}/control`, "ingest"],
    ["GET", "/v1/runs", "read"],
    ["GET", `/v1/runs/${run}`, "read"],
    ["GET", `/v1/series?run=${run}&metric=loss`, "read"],
    ["GET", "/v1/stream", "read"],
    ["POST", "/v1/sql", "read", { sql: "SELECT 1" }],
    ["POST", `/v1/runs/${run}/stop`, "control", { reason: "because" }],
    ["POST", `/v1/runs/${run}/tags`, "control", { tags: { name: "n" } }],
  ];

  describe("access", () => {
    test("no route without a good token", async () => {
      const forged = await api.token({}, { key: OTHER_KEY });
      const expired = await api.token({}, { expiresAt: new Date(Date.now() - 60_000) });
      const unsigned = `${Buffer.from('{"alg":"none","kid":"suite"}').toString("base64url")}.${api.reader.split(".")[1]}.`;
      for (const [method, path, , body] of [...guarded("r"), ["GET", "/v1/session", "any"] as const]) {
        for (const token of [undefined, "garbage", "a.b.c", forged, expired, unsigned]) {
          const answer = await api.ask(path, { method, body, token });
          expect([path, token, answer.status]).toEqual([path, token, 401]);
          expect(answer.headers.get("www-authenticate")).toContain("Bearer");
          await answer.body?.cancel();
        }
      }
    });

    test("each scope opens its own routes and no others", async () => {
      const run = api.fresh("scopes");
      await api.send(event(run));
      for (const scope of ["ingest", "read", "control"] as const) {
        const token = await api.token({ scopes: [scope] });
        for (const [method, path, needed, body] of guarded(run)) {
          if (needed === scope) continue;
          const problem = await api.problem(path, 403, { method, body, token });
          expect(problem.detail).toContain(needed);
        }
      }
    });

    test("?token= is for ingest-only tokens, on POST / alone", async () => {
      const run = api.fresh("url");
      const paper = { id: run, description: "k", created_at: "2023-08-14" };
      expect(await api.json(`/?token=${api.ingest}`, { body: paper })).toMatchObject({ accepted: 1 });
      const more = await api.token({ scopes: ["ingest", "read"] });
      expect(await api.problem(`/?token=${more}`, 403, { body: paper })).toMatchObject({ field: "token" });
      await api.problem("/?token=garbage", 401, { body: paper });
      await api.problem(`/v1/events?token=${api.ingest}`, 401, { body: event(run) });
      await api.problem(`/v1/runs?token=${api.reader}`, 401);
      await api.problem(`/v1/stream?token=${api.reader}`, 401);
    });

    test("a token that was taken back is good for ten seconds more at the most, whoever asked last", async () => {
      const jti = api.fresh("jti");
      const token = await api.token({ jti });
      await api.json("/v1/runs", { token });
      await api.store.denyToken(jti, "ada");
      await api.store.denyToken(jti, "ada");
      vi.useFakeTimers({ now: Date.now() + 10_001, toFake: ["Date"] });
      try {
        await api.problem("/v1/runs", 401, { token });
      } finally {
        vi.useRealTimers();
      }
      await api.problem("/v1/session", 401, { body: { token } });
      await api.json("/v1/runs", { token: api.reader });
    });

    test("an EdDSA key beside the other", async () => {
      const pair = generateKeyPairSync("ed25519");
      const jwk = pair.privateKey.export({ format: "jwk" }) as object;
      const key = { ...jwk, alg: "EdDSA", kid: "second" } as SigningKey;
      const verify = createVerifier({ keys: [key], denied: async () => new Set() });
      const other = await api.with({ verify });
      const token = await api.token({ scopes: ["read"] }, { key });
      await other.json("/v1/runs", { token });
      await other.problem("/v1/runs", 401, { token: api.reader });
      await api.problem("/v1/runs", 401, { token });
    });
  });

  describe("projects never see each other", () => {
    test("in any route, though they use the same run id", async () => {
      const run = api.fresh("shared");
      const [a, b] = [api.fresh("a"), api.fresh("b")];
      const [ofA, ofB] = await Promise.all([a, b].map((project) => api.token({ projects: [project], actor: project })));
      const body = (loss: number) => event(run, { event_id: "same", epoch: 0, logs: { loss } });
      expect(await api.send(body(1), { token: ofA as string })).toMatchObject({ accepted: 1 });
      expect(await api.send(body(2), { token: ofB as string })).toMatchObject({ accepted: 1, conflicts: [] });

      for (const [project, token, loss] of [
        [a, ofA, 1],
        [b, ofB, 2],
      ] as const) {
        const { runs } = await api.json<{ runs: { project: string; summary: object[] }[] }>("/v1/runs", { token });
        expect(runs).toMatchObject([{ project, run, summary: [{ metric: "loss", last: loss }] }]);
        expect(await api.json(`/v1/runs/${run}`, { token })).toMatchObject({ project, summary: [{ last: loss }] });
        await expect
          .poll(() => api.json(`/v1/series?run=${run}&metric=loss&x=epoch`, { token }))
          .toMatchObject({ series: [{ run, y: [loss] }] });
        const session = await api.json<{ projects: string[] }>("/v1/session", { token });
        expect(session.projects).toEqual([project]);
      }

      await api.json(`/v1/runs/${run}/stop`, { token: ofA, body: { reason: "only a" } });
      await api.json(`/v1/runs/${run}/tags`, { token: ofA, body: { tags: { name: "only a" } } });
      expect(await api.json(`/v1/runs/${run}/control`, { token: ofB })).toEqual({ run, stop: null });
      expect(await api.json(`/v1/runs/${run}`, { token: ofB })).toMatchObject({ name: run, audit: [] });
      const answer = await api.send(event(run, { epoch: 1 }), { token: ofB as string });
      expect(answer.control).toEqual({ [run]: { stop: null } });
      expect((await api.send(event(run, { epoch: 1 }), { token: ofA as string })).control[run]?.stop).not.toBeNull();
    });

    test("nor by asking for it", async () => {
      const run = api.fresh("asked");
      const theirs = api.fresh("theirs");
      await api.send(event(run, { project: theirs }));
      const token = await api.token({ projects: [api.fresh("mine")] });
      for (const [method, path, , body] of guarded(run)) {
        if (path === "/v1/sql") continue;
        const asked = `${path}${path.includes("?") ? "&" : "?"}project=${theirs}`;
        await api.problem(asked, 403, { method, body, token });
      }
      await api.problem("/v1/events", 403, { token, body: event(run, { project: theirs }) });
      expect((await api.run(run, theirs)).audit).toEqual([]);
    });

    test("a token for several projects, or for none, does not fall back to one it lacks", async () => {
      const run = api.fresh("default");
      await api.send(event(run, { project: "default" }));
      for (const projects of [[api.fresh("a"), api.fresh("b")], []]) {
        const token = await api.token({ projects });
        for (const [method, path, , body] of guarded(run)) {
          // It has no project to fall back to.
          if (path !== "/v1/sql") await api.problem(path, 403, { method, body, token });
        }
      }
      expect((await api.run(run)).audit).toEqual([]);
      const both = await api.token({ projects: ["default", api.fresh("b")] });
      expect(await api.json(`/v1/runs/${run}`, { token: both })).toMatchObject({ project: "default", run });
    });

    test("a project's events go where the token says", async () => {
      const project = api.fresh("home");
      const token = await api.token({ projects: [project], scopes: ["ingest"] });
      const run = api.fresh("home");
      await api.json<Answer>("/v1/events", { token, body: event(run) });
      expect((await api.run(run, project)).run).toBe(run);
    });
  });
}
