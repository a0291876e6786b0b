import { createHmac } from "node:crypto";
import { type Output, secret } from "@pulumi/pulumi";

/** An HS256 key as a JWK, as functions/http/tokens.ts takes it. */
export interface TokenKey {
  kid: string;
  alg: "HS256";
  kty: "oct";
  /** The secret, base64url. */
  k: string;
}

export interface TokenClaims {
  projects: "*" | string[];
  /** Of "ingest", "read", "control", with spaces between. */
  scope: string;
  /** Who, for audited events. */
  sub: string;
  /** The token's id, by which it can be denied. */
  jti: string;
}

export function tokenKey(kid: string, random: Output<string>): Output<TokenKey> {
  return secret(random).apply((text): TokenKey => ({ kid, alg: "HS256", kty: "oct", k: base64url(text) }));
}

/** A token of these claims. They are fixed, without a time in them, so that a second preview shows no change. */
export function signedToken(key: Output<TokenKey>, claims: TokenClaims): Output<string> {
  return secret(key).apply(({ kid, alg, k }) => {
    const head = base64url(JSON.stringify({ alg, kid }));
    const { projects, scope, sub, jti } = claims;
    const body = base64url(JSON.stringify({ projects, scope, aud: "integraviz", sub, jti }));
    const signature = createHmac("sha256", Buffer.from(k, "base64url")).update(`${head}.${body}`).digest("base64url");
    return `${head}.${body}.${signature}`;
  });
}

function base64url(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}
