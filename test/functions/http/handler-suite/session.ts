import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { SuiteApi } from "./api.ts";

interface Session {
  actor: string;
  scopes: string[];
  projects: string[];
  csrf: string;
}

export function sessionTests(api: SuiteApi): void {
  describe("session", () => {
    const logIn = async (token: string) => {
      const answer = await api.ask("/v1/session", { body: { token } });
      const setCookie = answer.headers.get("set-cookie") as string;
      return {
        answer,
        setCookie,
        cookie: setCookie?.split(";")[0] as string,
        session: (await answer.json()) as Session,
      };
    };

    test("a browser logs in with a cookie that no script can read", async () => {
      const { answer, setCookie, cookie, session } = await logIn(api.controller);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(setCookie).toMatch(/HttpOnly/);
      expect(setCookie).toMatch(/SameSite=Strict/);
      expect(setCookie).toMatch(/Path=\//);
      expect(session).toMatchObject({
        actor: "ada",
        scopes: ["read", "control"],
        csrf: expect.stringMatching(/^.{43}$/),
      });
      expect(session.projects.length).toBeGreaterThan(0);
      expect(await api.json("/v1/session", { headers: { cookie } })).toEqual(session);
      await api.json("/v1/runs", { headers: { cookie } });
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

    test("what changes something needs the CSRF token as well", async () => {
      const run = api.fresh("csrf");
      await api.send({ run_id: run, kind: "on_train_begin" });
      const { cookie, session } = await logIn(api.controller);
      const body = { tags: { name: "renamed" } };
      for (const csrf of [undefined, "", "wrong", session.csrf.slice(1), `${session.csrf}x`, "é".repeat(43)]) {
        const headers = {
          cookie,
          ...(csrf === undefined ? {} : { "x-csrf-token": Buffer.from(csrf).toString("latin1") }),
        };
        const problem = await api.problem(`/v1/runs/${run}/tags`, 403, { headers, body });
        expect(problem).toMatchObject({ field: "X-CSRF-Token" });
      }
      expect((await api.run(run)).name).toBe(run);
      const headers = { cookie, "x-csrf-token": session.csrf };
      expect((await api.ask(`/v1/runs/${run}/tags`, { headers, body })).status).toBe(202);
      expect((await api.run(run)).name).toBe("renamed");
      const other = await logIn(await api.token());
      await api.problem(`/v1/runs/${run}/tags`, 403, {
        headers: { cookie, "x-csrf-token": other.session.csrf },
        body,
      });
    });

    test("log out", async () => {
      const { cookie, session } = await logIn(api.controller);
      await api.problem("/v1/session", 403, { method: "DELETE", headers: { cookie } });
      const answer = await api.ask("/v1/session", {
        method: "DELETE",
        headers: { cookie, "x-csrf-token": session.csrf },
      });
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
