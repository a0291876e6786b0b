import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { serveEmbedToken } from "../../embedded/embed-token.ts";
import { createHandler } from "../../functions/http/handler.ts";
import { createVerifier, type Grant, signToken } from "../../functions/http/tokens.ts";
import type { Store } from "../../functions/stores/store.ts";

const KEY = { kid: "k", alg: "HS256", kty: "oct", k: Buffer.from("k".repeat(32)).toString("base64url") } as const;
const HOUR_MS = 3_600_000;
const verify = createVerifier({ keys: [KEY], denied: async () => new Set() });
const app = createHandler({ store: {} as Store, verify, report: () => {} });
serveEmbedToken(app, { verify, signingKey: KEY });

const sign = (grant: Partial<Grant>, expiresAt?: Date) =>
  signToken(
    KEY,
    { actor: "ada", projects: "*", scopes: ["read", "control"], jti: "parent", ...grant },
    expiresAt === undefined ? {} : { expiresAt },
  );
const ask = async (headers: Record<string, string>, query = "") => {
  const answer = await app.request(`/embed${query}`, { method: "POST", headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
};
const askWith = (token: string, query?: string) => ask({ authorization: `Bearer ${token}` }, query);

describe("a token to show charts with", () => {
  test("may read one project, and is good for twelve hours", async () => {
    const before = Date.now();
    const { status, body } = await askWith(await sign({}), "?project=mnist");
    expect([status, body.project]).toEqual([200, "mnist"]);
    const grant = await verify(body.token as string);
    expect(grant).toEqual({ actor: "ada", projects: ["mnist"], scopes: ["read"], jti: "parent" });
    expect(Date.parse(body.expires_at as string)).toBe((decodeJwt(body.token as string).exp as number) * 1000);
    expect(Date.parse(body.expires_at as string) - before).toBeLessThanOrEqual(12 * HOUR_MS + 1000);
    expect(Date.parse(body.expires_at as string) - before).toBeGreaterThan(12 * HOUR_MS - 2000);
  });

  test("is of the token's own project where none is named, and never of another", async () => {
    const token = await sign({ projects: ["mine"] });
    expect((await askWith(token)).body.project).toBe("mine");
    expect((await askWith(token, "?project=yours")).body).toMatchObject({ code: "other-project" });
  });

  test("never outlives the token it is made for, however often it is passed on", async () => {
    const end = new Date(Math.floor((Date.now() + HOUR_MS) / 1000) * 1000);
    const first = (await askWith(await sign({}, end))).body;
    const second = (await askWith(first.token as string)).body;
    expect([first.expires_at, second.expires_at]).toEqual([end.toISOString(), end.toISOString()]);
  });

  test("is for who may read and holds a token: a cookie does not do", async () => {
    expect((await askWith(await sign({ scopes: ["ingest"] }))).body).toMatchObject({ code: "missing-scope" });
    expect((await askWith("nonsense")).body).toMatchObject({ code: "invalid-token" });
    const cookie = `integraviz_session=${await sign({})}`;
    expect((await ask({ cookie, "x-csrf-token": "any" })).body).toMatchObject({ code: "missing-token" });
  });

  test("is taken back with the token it was made for", async () => {
    const own = createVerifier({ keys: [KEY], denied: async () => new Set(["parent"]) });
    const { body } = await askWith(await sign({}));
    await expect(own(body.token as string)).rejects.toMatchObject({ code: "revoked-token" });
  });
});
