import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { issueToken } from "../../embedded/tokens.ts";

const GRANT = { actor: "ann", projects: "*", scopes: ["read"] } as const;
const DAY_S = 86_400;

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "tokens-"));
  await writeFile(join(data, "endpoint.json"), "{}");
});
afterEach(() => rm(data, { recursive: true, force: true }));

const claims = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

test("a token is good for ever unless somebody says how many days", async () => {
  const { id, token } = await issueToken(data, GRANT);
  expect(claims(token)).toEqual({ projects: "*", scope: "read", aud: "integraviz", sub: "ann", jti: id });
});

test("a token of 30 days expires then", async () => {
  const before = Math.floor(Date.now() / 1000) + 30 * DAY_S;
  const { token } = await issueToken(data, GRANT, 30);
  const after = Math.floor(Date.now() / 1000) + 30 * DAY_S;
  expect(claims(token).exp).toBeGreaterThanOrEqual(before);
  expect(claims(token).exp).toBeLessThanOrEqual(after);
});
