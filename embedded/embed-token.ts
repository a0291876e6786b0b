import type { Hono } from "hono";
import { decodeJwt } from "jose/jwt/decode";
import type { SigningKey } from "../contract/tokens.ts";
import { readProjectQuery, requireScope } from "../functions/http/access.ts";
import { signToken, type VerifyToken } from "../functions/http/tokens.ts";
import { Refusal } from "../functions/refusals/refusal.ts";

/** A notebook keeps the token in what a cell put out: it is good for a day's work at the most. */
const GOOD_FOR_S = 12 * 3600;

interface Options {
  verify: VerifyToken;
  signingKey: SigningKey;
  /** ms since 1970. */
  now?: () => number;
}

/**
 * Serves `POST /embed`: for a token that may read, one that may only read one project and expires,
 * to show a run's charts with. It never outlives the one it is made for, and is taken back with it,
 * by the same id. A cookie does not do: only who holds a token may pass on what it allows.
 */
export function serveEmbedToken(app: Hono, { verify, signingKey, now = Date.now }: Options): void {
  app.post("/embed", async (c) => {
    const token = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (token === undefined) throw new Refusal("missing-token");
    const { actor, jti, projects } = requireScope(await verify(token), "read");
    const project = readProjectQuery(c, { actor, jti, projects, scopes: ["read"] });
    const expires = Math.min(Math.floor(now() / 1000) + GOOD_FOR_S, decodeJwt(token).exp ?? Number.POSITIVE_INFINITY);
    const expiresAt = new Date(expires * 1000);
    const narrow = { actor, jti, projects: [project], scopes: ["read"] as const };
    c.header("cache-control", "no-store");
    return c.json({
      token: await signToken(signingKey, narrow, { expiresAt }),
      project,
      expires_at: expiresAt.toISOString(),
    });
  });
}
