import { setTimeout as delay } from "node:timers/promises";
import type { JWK } from "jose";
import * as errors from "jose/errors";
import { jwtVerify } from "jose/jwt/verify";
import { importJWK } from "jose/key/import";
import { AUDIENCE, SCOPES, type Scope, type SigningKey, signToken as sign } from "../../contract/tokens.ts";
import { isProject } from "../event/values.ts";
import { Refusal } from "../refusals/refusal.ts";

/** What a token allows, as it says itself: no database is asked. */
export interface Grant {
  /** Who, for audited events. */
  actor: string;
  /** "*" for all, those to come included. */
  projects: "*" | readonly string[];
  scopes: readonly Scope[];
  /** The token's id, by which it can be denied. */
  jti: string;
}

/** Signs a token of this grant. The claims are fixed but for the expiry, if any. */
export async function signToken(
  key: SigningKey,
  { projects, scopes, actor, jti }: Grant,
  { expiresAt }: { expiresAt?: Date } = {},
): Promise<string> {
  const claims = { projects, scope: scopes.join(" "), sub: actor, jti };
  return sign(key, expiresAt === undefined ? claims : { ...claims, exp: Math.floor(expiresAt.getTime() / 1000) });
}

export type VerifyToken = (token: string) => Promise<Grant>;

export interface VerifierOptions {
  keys: readonly SigningKey[];
  /**
   * Ids of tokens that were taken back. Asked at once, and then at most every ten seconds, by
   * whoever comes then.
   */
  denied: () => Promise<ReadonlySet<string>>;
}

const DENIED_FRESH_MS = 10_000;
/** So long a request waits for a newer list where there is one already. */
const PATIENCE_MS = 1_000;
const REMEMBERED = 1_000;

export function createVerifier({ keys, denied }: VerifierOptions): VerifyToken {
  const byId = new Map(keys.map((key) => [key.kid, importJWK(verifyingHalf(key), key.alg)]));
  const algorithms = [...new Set(keys.map(({ alg }) => alg))];
  const remembered = new Map<string, { grant: Grant; expires: number }>();
  const denyList = cachedDenyList(denied);

  return async (token) => {
    let known = remembered.get(token);
    if (known === undefined) {
      known = await check(token);
      if (remembered.size >= REMEMBERED) remembered.delete(remembered.keys().next().value as string);
      remembered.set(token, known);
    }
    if (known.expires < Date.now()) throw new Refusal("expired-token", "The token has expired.");
    if ((await denyList()).has(known.grant.jti)) throw new Refusal("revoked-token");
    return known.grant;
  };

  async function check(token: string): Promise<{ grant: Grant; expires: number }> {
    try {
      const { payload } = await jwtVerify(
        token,
        (header) =>
          byId.get(header.kid ?? "") ?? Promise.reject(new Error("The token is signed with a key that is not in use.")),
        { audience: AUDIENCE, algorithms },
      );
      const { sub, jti, projects, scope, exp } = payload as Record<string, unknown> & { exp?: number };
      const scopes = SCOPES.filter((one) => String(scope).split(" ").includes(one));
      if (typeof sub !== "string" || typeof jti !== "string" || !(projects === "*" || isNames(projects))) {
        throw new Error("The token lacks a claim.");
      }
      return {
        grant: { actor: sub, projects: projects as Grant["projects"], scopes, jti },
        expires: (exp ?? Number.POSITIVE_INFINITY) * 1000,
      };
    } catch (error) {
      throw error instanceof errors.JWTExpired
        ? new Refusal("expired-token", "The token has expired.")
        : new Refusal("invalid-token", "The token is not one of ours.");
    }
  }
}

/**
 * What sessions are sealed with: of each key what only its holder knows, nothing of one that only
 * verifies.
 */
export const toSessionSecrets = (keys: readonly SigningKey[]): string[] => keys.map(({ k, d }) => k ?? d ?? "");

/** `*` is a project of none: it stands alone, for all of them. */
function isNames(projects: unknown): projects is string[] {
  return Array.isArray(projects) && projects.every(isProject);
}

/** Of a key pair, a private key signs and only the public one verifies. */
function verifyingHalf({ d: _, ...key }: SigningKey): JWK {
  return key as JWK;
}

/**
 * The list as it was at most ten seconds ago; while the store is away, as it was last. It is read
 * by one at a time, and first here, so that the first request need not wait for the connection
 * either.
 */
function cachedDenyList(load: () => Promise<ReadonlySet<string>>): () => Promise<ReadonlySet<string>> {
  let list: ReadonlySet<string> | null = null;
  let asked = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | null = null;
  let awaited: Promise<unknown> = Promise.resolve();
  const refresh = async () => {
    try {
      list = await load();
    } catch (error) {
      if (list !== null) return;
      asked = Number.NEGATIVE_INFINITY;
      throw error;
    } finally {
      loading = null;
    }
  };
  const start = () => {
    asked = Date.now();
    loading = refresh();
    // Told to whoever waits for it.
    loading.catch(() => {});
    awaited = list === null ? loading : Promise.race([loading, delay(PATIENCE_MS, null, { ref: false })]);
  };
  start();
  return async () => {
    const age = Date.now() - asked;
    // A clock that was put back says nothing of how old the list is.
    if (loading === null && (age > DENIED_FRESH_MS || age < 0)) start();
    await awaited;
    return list as ReadonlySet<string>;
  };
}
