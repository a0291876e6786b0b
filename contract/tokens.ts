import { createHmac, createPrivateKey, type JsonWebKey, sign } from "node:crypto";
import * as z from "zod/mini";

/** Whom every token is for. */
export const AUDIENCE = "integraviz";

export const SCOPES = ["ingest", "read", "control"] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * How many days a token is good unless who makes it says otherwise: for ever, until it is taken
 * back or its key is. Those of a deployed stack are of this kind, since a time in one would change
 * every preview.
 */
export const DEFAULT_LIFE_DAYS = Number.POSITIVE_INFINITY;
/** The longest life that a token can be given, in days, short of for ever. */
export const LONGEST_LIFE_DAYS = 99_999;

/** A key that signs tokens, as a JWK. Two may be valid at a time, so that one can be rotated. */
export const SigningKey = z.object({
  kid: z.string(),
  alg: z.enum(["HS256", "EdDSA"]),
  kty: z.string(),
  /** The secret of HS256, base64url. */
  k: z.optional(z.string()),
  /** The curve and the public and private half of EdDSA. */
  crv: z.optional(z.string()),
  x: z.optional(z.string()),
  d: z.optional(z.string()),
});
export type SigningKey = z.output<typeof SigningKey>;

export interface Claims {
  /** "*" for all, those to come included. */
  projects: "*" | readonly string[];
  /** Of "ingest", "read", "control", with spaces between. */
  scope: string;
  /** Who, for audited events. */
  sub: string;
  /** The token's id, by which it can be denied. */
  jti: string;
  /** When it expires, in seconds since 1970; never, where it is left out. */
  exp?: number;
}

/**
 * Signs a JWT (RFC 7519). Of the same key and claims it makes the same text, so that a second
 * preview shows no change.
 */
export function signToken(key: SigningKey, { projects, scope, sub, jti, exp }: Claims): string {
  const head = encode({ alg: key.alg, kid: key.kid });
  const body = encode({ projects, scope, aud: AUDIENCE, sub, jti, ...(exp === undefined ? {} : { exp }) });
  return `${head}.${body}.${signature(key, `${head}.${body}`)}`;
}

function signature(key: SigningKey, text: string): string {
  if (key.alg === "HS256")
    return createHmac("sha256", Buffer.from(key.k ?? "", "base64url"))
      .update(text)
      .digest("base64url");
  const privateKey = createPrivateKey({ key: key as JsonWebKey, format: "jwk" });
  return sign(null, Buffer.from(text), privateKey).toString("base64url");
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
}
