import { gzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { createVerifier } from "../../../../functions/http/tokens.ts";
import { type Api, KEY, type SuiteApi } from "./api.ts";

interface Session {
  actor: string;
  scopes: string[];
  projects: string[];
  csrf: string;
}

export function sessionTests(api: SuiteApi): void {
  describe("session", () => {
    const logIn = async (token: string, on: Api = api) => {
      const answer = await on.ask("/v1/session", { body: { token } });
      const setCookie = answer.headers.get("set-cookie") as string;
      return {
        answer,
        setCookie,
        cookie: setCookie?.split(";")[0] as string,
        session: (await answer.json()) as Session,
      };
    };

    const halves = (cookie: string, csrf: string) => ({ cookie, "x-csrf-token": csrf });
    const sameHalves = async () => {
      const { cookie, session } = await logIn(api.controller);
      return halves(cookie, session.csrf);
    };

    test("a browser logs in with a random cookie that no script can read", async () => {
      const { answer, setCookie, cookie, session } = await logIn(api.controller);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(setCookie).toMatch(/HttpOnly/);
      expect(setCookie).toMatch(/SameSite=Strict/);
      expect(setCookie).toMatch(/Path=\//);
      expect(setCookie).toMatch(/Max-Age=86400/);
      expect(cookie).toMatch(/^integraviz_session(_\d+)?=[\w-]{43}$/);
      expect(session).toMatchObject({ actor: "ada", scopes: ["read", "control"], csrf: expect.any(String) });
      expect(session.projects.length).toBeGreaterThan(0);
      const again = await logIn(api.controller);
      expect(again.cookie).not.toBe(cookie);
      for (const half of [cookie, session.csrf, Buffer.from(session.csrf, "base64url").toString("latin1")])
        for (const part of api.controller.split(".")) expect(half).not.toContain(part);
    });

    test("neither half of a session opens anything alone, and both open all", async () => {
      const both = await sameHalves();
      const other = await sameHalves();
      const reads = ["/v1/runs", "/v1/session", "/v1/stream", "/v1/series?run=r&metric=loss"];
      for (const path of reads) {
        for (const headers of [
          { cookie: both.cookie },
          halves(both.cookie, ""),
          halves(both.cookie, "wrong"),
          halves(both.cookie, both["x-csrf-token"].slice(1)),
          halves(both.cookie, `${both["x-csrf-token"].slice(0, -4)}AAAA`),
          halves(both.cookie, other["x-csrf-token"]),
          halves(other.cookie, both["x-csrf-token"]),
          halves(both.cookie, api.controller),
        ]) {
          const problem = await api.problem(path, 401, { headers });
          expect(problem).toMatchObject({ code: "missing-csrf-token", field: "X-CSRF-Token" });
        }
        const alone = { "x-csrf-token": both["x-csrf-token"] };
        expect((await api.problem(path, 401, { headers: alone })).code).toBe("missing-token");
        const old = halves(both.cookie.replace(/=.*/, `=${api.controller}`), both["x-csrf-token"]);
        expect((await api.problem(path, 401, { headers: old })).code).toBe("missing-csrf-token");
        for (const token of [both["x-csrf-token"], both.cookie.replace(/.*=/, "")])
          expect((await api.problem(path, 401, { token })).code).toBe("invalid-token");
        const method = path === "/v1/stream" ? "HEAD" : "GET";
        expect((await api.ask(path, { method, headers: both })).status).toBe(200);
      }
    });

    test("a session ends after a day, unless it is renewed", async () => {
      let now = Date.now();
      const clocked = await api.with({ now: () => now });
      const day = 86_400_000;
      const first = await clocked.ask("/v1/session", { body: { token: api.controller } });
      const cookie = first.headers.get("set-cookie")!.split(";")[0]!;
      const old = halves(cookie, ((await first.json()) as Session).csrf);
      now += day - 1;
      const renewed = await clocked.ask("/v1/session", { headers: old });
      const fresh = halves(cookie, ((await renewed.json()) as Session).csrf);
      expect(renewed.headers.get("set-cookie")).toContain(`${cookie}; Max-Age=86400`);
      await clocked.json("/v1/runs", { headers: old });
      now += 1;
      const problem = await clocked.problem("/v1/runs", 401, { headers: old });
      expect(problem).toMatchObject({ code: "expired-token", detail: "The session has ended.", fix: "Log in again." });
      await clocked.problem("/v1/session", 401, { headers: old });
      await clocked.json("/v1/runs", { headers: fresh });
      now += day;
      await clocked.problem("/v1/runs", 401, { headers: fresh });
    });

    test("a session is good in every instance, and after a key was added; not where the key is gone", async () => {
      const on = (...sessionSecrets: string[]) => api.with({ sessionSecrets });
      const { cookie, session } = await logIn(api.controller, await on("old"));
      /** Its own name for the cookie has the port in it. */
      const sameOn = async (instance: Api) => {
        const [name] = (await logIn(api.reader, instance)).cookie.split("=");
        return { headers: halves(cookie.replace(/^[^=]+/, name!), session.csrf) };
      };
      for (const instance of [await on("old"), await on("new", "old")])
        await instance.json("/v1/runs", await sameOn(instance));
      for (const stranger of [await on("new"), await on("")]) {
        const { code } = await stranger.problem("/v1/runs", 401, await sameOn(stranger));
        expect(code).toBe("missing-csrf-token");
      }
    });

    test("a session ends with its token", async () => {
      const jti = api.fresh("jti");
      let denied = new Set<string>();
      const verify = createVerifier({ keys: [KEY], denied: async () => denied });
      const other = await api.with({ verify });
      const { cookie, session } = await logIn(await api.token({ jti }), other);
      const headers = halves(cookie, session.csrf);
      await other.json("/v1/runs", { headers });
      denied = new Set([jti]);
      vi.useFakeTimers({ now: Date.now() + 10_001, toFake: ["Date"] });
      const { code } = await other.problem("/v1/runs", 401, { headers }).finally(vi.useRealTimers);
      expect(code).toBe("revoked-token");
    });

    test("a token by itself has no session to renew", async () => {
      const answer = await api.ask("/v1/session", { token: api.reader });
      expect(answer.headers.get("set-cookie")).toBeNull();
      expect(await answer.json()).not.toHaveProperty("csrf");
    });

    test("a body that holds more than a token is not read, inflated or not", async () => {
      const text = JSON.stringify({ token: "x", more: "x".repeat(16_384) });
      for (const [body, encoding] of [
        [text, undefined],
        [gzipSync(text), "gzip"],
      ] as const) {
        const headers = encoding === undefined ? {} : { "content-encoding": encoding };
        await api.problem("/v1/session", 413, { headers, body });
      }
    });

    test("what changes something needs both halves as well", async () => {
      const run = api.fresh("csrf");
      await api.send({ run_id: run, kind: "on_train_begin" });
      const both = await sameHalves();
      const body = { tags: { name: "renamed" } };
      const path = `/v1/runs/${run}/tags`;
      for (const csrf of [undefined, "", "wrong", "é".repeat(43), (await sameHalves())["x-csrf-token"]]) {
        const headers = {
          cookie: both.cookie,
          ...(csrf === undefined ? {} : { "x-csrf-token": Buffer.from(csrf).toString("latin1") }),
        };
        expect(await api.problem(path, 401, { headers, body })).toMatchObject({ field: "X-CSRF-Token" });
      }
      expect((await api.run(run)).name).toBe(run);
      expect((await api.ask(path, { headers: both, body })).status).toBe(202);
      expect((await api.run(run)).name).toBe("renamed");
    });

    test("log out", async () => {
      const { cookie, ...rest } = await sameHalves();
      await api.problem("/v1/session", 401, { method: "DELETE", headers: { cookie } });
      const answer = await api.ask("/v1/session", { method: "DELETE", headers: { cookie, ...rest } });
      expect(answer.status).toBe(204);
      expect(answer.headers.get("set-cookie")).toMatch(/Max-Age=0/);
    });

    test("no cookie for a token that may not read, or is none", async () => {
      await api.problem("/v1/session", 403, { body: { token: api.ingest } });
      await api.problem("/v1/session", 401, { body: { token: "garbage" } });
      await api.problem("/v1/session", 400, { body: {} });
      await api.problem("/v1/session", 400, { body: { token: api.reader, more: 1 } });
      await api.problem("/v1/session", 401);
      await api.problem("/v1/runs", 401, { headers: { cookie: "integraviz_session=garbage" } });
    });

    test("the cookie is the whole site's own where the site is https", async () => {
      const { setCookie } = await logIn(api.reader);
      if (api.served.protocol === "https") expect(setCookie).toMatch(/Secure/);
      else expect(setCookie).not.toMatch(/Secure/);
    });
  });
}
