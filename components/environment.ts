/**
 * The environment every bundle starts with: the seam between these components and functions/adapters.
 *
 * | variable | content |
 * |---|---|
 * | INTEGRAVIZ_STORE | JSON: a Login (components/link.ts) without its secrets |
 * | INTEGRAVIZ_READER | the same for a login that may only read views: what POST /v1/sql runs as |
 * | INTEGRAVIZ_SECRETS | JSON: Secrets below; on AWS absent |
 * | INTEGRAVIZ_SECRETS_ARN | AWS only: the Secrets Manager secret that holds the JSON of INTEGRAVIZ_SECRETS |
 * | INTEGRAVIZ_SECRETS_VERSION | AWS only: the version of it to read; changes with the value, and so starts new instances |
 * | INTEGRAVIZ_QUEUE | JSON: {"kind": "sqs", "url", "region"} or {"kind": "pubsub", "project", "topic"}; queued delivery only |
 * | INTEGRAVIZ_LIMITS | JSON: Limits (components/link.ts) of the way through the API to here |
 * | INTEGRAVIZ_ROLES | JSON: {"writer": [user, ...], "reader": [user, ...]}, newest first; a login not listed is to be dropped; migrations on PostgreSQL only |
 * | INTEGRAVIZ_DOOR | JSON: an InvokeAuth (components/link.ts) without its key; the gateway only |
 * | INTEGRAVIZ_CORS | JSON: origins whose pages may call from a browser; the gateway only |
 * | INTEGRAVIZ_VISUALIZER | JSON: {"product", "name", "url", "by", "user", "iap"?}: where dashboards are applied, under which name and as whom (components/visualizer/visualizer.ts); that step only |
 * | INTEGRAVIZ_PUSH | JSON: {"email"}: the account whose OIDC token a Pub/Sub push carries (Cloud Run has checked it); that worker only |
 */
import { jsonStringify, type Output, secret } from "@pulumi/pulumi";
import { type InvokeAuth, type Limits, type Login, splitLogin } from "./link.ts";
import type { TokenKey } from "./token.ts";

/** Where the gateway answers for itself alone: whether the RPC and its database answer is told by /health. */
export const GATEWAY_HEALTH = "/health/gateway";

/** The content of INTEGRAVIZ_SECRETS. Two entries of a key ring are valid at a time, so that each can be rotated. */
export interface Secrets {
  /** `password` (postgres), `privateKey` (snowflake, PKCS#8 PEM) or `key` (bigquery, the key's JSON text). */
  store?: Record<string, Output<string>>;
  /** Like `store`, for INTEGRAVIZ_READER. */
  reader?: Record<string, Output<string>>;
  /** The ring of signing keys, newest first, as JWKs. */
  tokenKeys?: Output<TokenKey>[];
  /** Keys that the invoke auth "shared-key" takes in X-Integraviz-Key. Present: a request without one is refused. */
  gatewayKeys?: Record<string, Output<string>>;
  /** User -> password, for the migrations to set. */
  roles?: Record<string, Output<string>>;
  /** `password` of the user in INTEGRAVIZ_VISUALIZER, or the secret of Preset's token. */
  visualizer?: Record<string, Output<string>>;
}

export function secretsJson(secrets: Secrets): Output<string> {
  return secret(jsonStringify(secrets));
}

export function storeEnvironment(login: Login): { INTEGRAVIZ_STORE: Output<string> } {
  return { INTEGRAVIZ_STORE: jsonStringify(splitLogin(login).plain) };
}

export function readerEnvironment(login: Login): { INTEGRAVIZ_READER: Output<string> } {
  return { INTEGRAVIZ_READER: jsonStringify(splitLogin(login).plain) };
}

export function readerSecrets(login: Login): Pick<Secrets, "reader"> {
  const { secrets } = splitLogin(login);
  return Object.keys(secrets).length > 0 ? { reader: secrets } : {};
}

export function storeSecrets(login: Login): Pick<Secrets, "store"> {
  const { secrets } = splitLogin(login);
  return Object.keys(secrets).length > 0 ? { store: secrets } : {};
}

export function limitsEnvironment(limits: Limits): { INTEGRAVIZ_LIMITS: string } {
  return { INTEGRAVIZ_LIMITS: JSON.stringify(limits) };
}

export function invokeAuthEnvironment(invokeAuth: InvokeAuth): {
  env: { INTEGRAVIZ_DOOR: Output<string> };
  secrets: Pick<Secrets, "gatewayKeys">;
} {
  const { ready: _, ...told } = invokeAuth;
  if (told.auth !== "shared-key") return { env: { INTEGRAVIZ_DOOR: jsonStringify(told) }, secrets: {} };
  const { key, ...plain } = told;
  return { env: { INTEGRAVIZ_DOOR: jsonStringify(plain) }, secrets: { gatewayKeys: { current: key } } };
}
