import { generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, test, vi } from "vitest";
import type { SigningKey } from "../../../contract/tokens.ts";
import { createVerifier, type Grant, signToken } from "../../../functions/http/tokens.ts";

const key = (kid: string, letter = kid): SigningKey => ({
  kty: "oct",
  alg: "HS256",
  kid,
  k: Buffer.from(letter.repeat(32)).toString("base64url"),
});
const pair = generateKeyPairSync("ed25519");
const jwk = (half: "privateKey" | "publicKey"): SigningKey =>
  ({ ...(pair[half].export({ format: "jwk" }) as object), alg: "EdDSA", kid: "ed" }) as SigningKey;
const grant: Grant = { actor: "ada", projects: ["vision"], scopes: ["ingest", "read"], jti: "1" };
const none = async () => new Set<string>();
const verifier = (...keys: SigningKey[]) => createVerifier({ keys, denied: none });

describe("tokens", () => {
  test("the same grant and key give the same token, so that a preview shows no change", async () => {
    expect(await signToken(key("a"), grant)).toBe(await signToken(key("a"), { ...grant }));
    expect(await signToken(jwk("privateKey"), grant)).toBe(await signToken(jwk("privateKey"), grant));
    expect(await signToken(key("a"), grant)).not.toBe(await signToken(key("a"), { ...grant, jti: "2" }));
  });

  test("what was granted comes back", async () => {
    expect(await verifier(key("a"))(await signToken(key("a"), grant))).toEqual(grant);
    const all: Grant = { actor: "é", projects: "*", scopes: ["control"], jti: "x" };
    expect(await verifier(key("a"))(await signToken(key("a"), all))).toEqual(all);
  });

  test("two keys are good at a time, so that one can be rotated", async () => {
    const [old, fresh] = [await signToken(key("a"), grant), await signToken(key("b"), grant)];
    const both = verifier(key("b"), key("a"));
    expect([await both(old), await both(fresh)]).toEqual([grant, grant]);
    await expect(verifier(key("b"))(old)).rejects.toMatchObject({ status: 401 });
  });

  test("EdDSA: the pair signs and verifies, the public half verifies", async () => {
    const token = await signToken(jwk("privateKey"), grant);
    expect(await verifier(jwk("privateKey"), key("a"))(token)).toEqual(grant);
    expect(await verifier(jwk("publicKey"))(token)).toEqual(grant);
  });

  test("a key of the same name is another key, and the public half of a pair is no secret to sign with", async () => {
    await expect(verifier(key("a", "b"))(await signToken(key("a"), grant))).rejects.toMatchObject({ status: 401 });
    const { x } = jwk("publicKey") as { x: string };
    const confused = await new SignJWT({ projects: "*", scope: "control" })
      .setProtectedHeader({ alg: "HS256", kid: "ed" })
      .setAudience("integraviz")
      .setSubject("eve")
      .setJti("1")
      .sign(Buffer.from(x, "base64url"));
    await expect(verifier(jwk("publicKey"), key("a"))(confused)).rejects.toMatchObject({ status: 401 });
  });

  test.each([
    ["another audience", { aud: "other" }],
    ["no subject", { sub: undefined }],
    ["no id", { jti: undefined }],
    ["no projects", { projects: undefined }],
    ["projects as text", { projects: "vision" }],
    ["* among projects", { projects: ["*"] }],
    ["a project that is none", { projects: ["vision", 7] }],
  ])("%s is refused", async (_, claims) => {
    const whole: Record<string, unknown> = {
      aud: "integraviz",
      sub: "ada",
      jti: "1",
      projects: "*",
      scope: "read",
      ...claims,
    };
    const token = await new SignJWT(whole)
      .setProtectedHeader({ alg: "HS256", kid: "a" })
      .sign(Buffer.from("a".repeat(32)));
    await expect(verifier(key("a"))(token)).rejects.toMatchObject({ status: 401 });
  });

  test("scopes that do not exist are none", async () => {
    const token = await signToken(key("a"), { ...grant, scopes: ["admin", "readx"] as unknown as Grant["scopes"] });
    expect((await verifier(key("a"))(token)).scopes).toEqual([]);
  });

  test("it expires, though it was good and is remembered", async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ["Date"] });
    try {
      const verify = verifier(key("a"));
      const token = await signToken(key("a"), grant, { expiresAt: new Date(Date.UTC(2026, 0, 1, 1)) });
      expect(await verify(token)).toEqual(grant);
      vi.setSystemTime(Date.UTC(2026, 0, 1, 1, 0, 1));
      await expect(verify(token)).rejects.toMatchObject({ status: 401, message: "The token has expired." });
      await expect(verifier(key("a"))(token)).rejects.toMatchObject({ status: 401, message: "The token has expired." });
    } finally {
      vi.useRealTimers();
    }
  });

  test("as long as the list of those taken back was never had, it is asked for each time", async () => {
    let isAway = true;
    const denied = async () => {
      if (isAway) throw new Error("away");
      return new Set<string>();
    };
    const verify = createVerifier({ keys: [key("a")], denied });
    const token = await signToken(key("a"), grant);
    await expect(verify(token)).rejects.toThrow("away");
    isAway = false;
    expect(await verify(token)).toEqual(grant);
  });

  test("where a newer list of those taken back does not come, the last one holds, and no third is asked for", async () => {
    vi.useFakeTimers({ now: 0, toFake: ["Date"] });
    try {
      let asked = 0;
      const verify = createVerifier({
        keys: [key("a")],
        denied: () => {
          asked += 1;
          return asked === 1 ? Promise.resolve(new Set<string>()) : new Promise(() => {});
        },
      });
      const token = await signToken(key("a"), grant);
      expect(await verify(token)).toEqual(grant);
      for (const now of [11_000, 22_000]) {
        vi.setSystemTime(now);
        expect(await verify(token)).toEqual(grant);
      }
      expect(asked).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a clock that is put back keeps no token alive that was taken back", async () => {
    vi.useFakeTimers({ now: 3_600_000, toFake: ["Date"] });
    try {
      let list = new Set<string>();
      const verify = createVerifier({ keys: [key("a")], denied: async () => list });
      const token = await signToken(key("a"), grant);
      expect(await verify(token)).toEqual(grant);
      list = new Set([grant.jti]);
      vi.setSystemTime(0);
      await expect(verify(token)).rejects.toMatchObject({ status: 401, code: "revoked-token" });
    } finally {
      vi.useRealTimers();
    }
  });

  test("the list of those taken back is asked for seldom, and kept while it cannot be had", async () => {
    vi.useFakeTimers({ now: 0, toFake: ["Date"] });
    try {
      let list: Set<string> | null = new Set<string>();
      let asked = 0;
      const verify = createVerifier({
        keys: [key("a")],
        denied: async () => {
          asked += 1;
          if (list === null) throw new Error("away");
          return list;
        },
      });
      const token = await signToken(key("a"), grant);
      for (let index = 0; index < 10; index++) await verify(token);
      expect(asked).toBe(1);
      list = new Set(["1"]);
      vi.setSystemTime(11_000);
      const answers = await Promise.allSettled([verify(token), verify(token)]);
      for (const answer of answers)
        expect(answer).toMatchObject({ reason: { status: 401, message: "The token was taken back." } });
      expect(asked).toBe(2);
      list = null;
      vi.setSystemTime(22_000);
      await expect(verify(token)).rejects.toMatchObject({ status: 401 });
      await expect(verify(token)).rejects.toMatchObject({ status: 401 });
      expect(asked).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });
});
