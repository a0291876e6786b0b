import { type Output, secret } from "@pulumi/pulumi";
import { type Claims, type SigningKey, signToken } from "../contract/tokens.ts";

/** Makes a signing key (HS256) of a random text. */
export function tokenKey(kid: string, random: Output<string>): Output<SigningKey> {
  return secret(random).apply(
    (text): SigningKey => ({ kid, alg: "HS256", kty: "oct", k: Buffer.from(text, "utf8").toString("base64url") }),
  );
}

/** Signs a token of these claims, which have no time in them: a second preview shows no change. */
export function signedToken(key: Output<SigningKey>, claims: Claims): Output<string> {
  return secret(key).apply((known) => signToken(known, claims));
}
