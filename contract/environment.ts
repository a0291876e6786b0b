/**
 * What every bundle is started with: components write these variables, and functions and dashboards
 * read them.
 */
import * as z from "zod/mini";
import { GatewayAuth } from "./invoke-auth.ts";
import { Limits } from "./limits.ts";
import { SigningKey } from "./tokens.ts";

const texts = z.record(z.string(), z.string());

/**
 * A login without its secrets, which depend on the driver: `Login` checks them when they are
 * together.
 */
const PlainLogin = z.looseObject({ driver: z.string() });

/**
 * The content of INTEGRAVIZ_SECRETS. Two entries of a key ring are valid at a time, so that each
 * can be rotated.
 */
export const Secrets = z.object({
  /** The secret fields of the login in INTEGRAVIZ_STORE. */
  store: z.optional(texts),
  /** Those of the login in INTEGRAVIZ_READER. */
  reader: z.optional(texts),
  /** The ring of keys that sign and verify tokens, newest first. */
  tokenKeys: z.optional(z.array(SigningKey)),
  /**
   * Keys of the invoke auth "shared-key", by the number of their rotation. Any of them is good.
   * Present: a request without one is refused.
   */
  gatewayKeys: z.optional(texts),
  /** User -> password, for the migrations to set. */
  roles: z.optional(texts),
  /** The password of the user in INTEGRAVIZ_VISUALIZER, or the secret of Preset's token. */
  visualizer: z.optional(z.object({ password: z.string() })),
});
export type Secrets = z.output<typeof Secrets>;

/** The database users to make, newest first. A login not listed is to be dropped. */
export const Roles = z.object({ writer: z.array(z.string()), reader: z.array(z.string()) });
export type Roles = z.output<typeof Roles>;

export const Queue = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("sqs"), url: z.string(), region: z.string() }),
  z.object({ kind: z.literal("pubsub"), project: z.string(), topic: z.string() }),
]);
export type Queue = z.output<typeof Queue>;

/** Where dashboards are applied, and as whom. */
export const Visualizer = z.object({
  product: z.enum(["superset", "metabase"]),
  /** What the storage is called there: one deployment, one name. */
  name: z.string(),
  /** Without a slash at the end. */
  url: z.string(),
  /** Where people open it, for the links that it sends; absent where `url` is that. */
  site: z.optional(z.string()),
  /** "preset": user and password are a token's name and secret. */
  by: z.enum(["password", "preset"]),
  user: z.string(),
  /** The service account that signs for Identity-Aware Proxy, where that stands before it. */
  iap: z.optional(z.string()),
});
export type Visualizer = z.output<typeof Visualizer>;

/** The variables whose content is JSON, each with its schema. */
export const environment = {
  /** The writer's login; the owner's, for migrations. */
  INTEGRAVIZ_STORE: PlainLogin,
  /** The login that may only read views: what POST /v1/sql and visualizers run as. */
  INTEGRAVIZ_READER: PlainLogin,
  /** Absent on AWS, where the secret store holds it (see SECRETS_ARN). */
  INTEGRAVIZ_SECRETS: Secrets,
  /** Of the whole way through the API to the bundle. */
  INTEGRAVIZ_LIMITS: Limits,
  /** Queued delivery only. */
  INTEGRAVIZ_QUEUE: Queue,
  /** Migrations on PostgreSQL only. */
  INTEGRAVIZ_ROLES: Roles,
  /** The gateway only: how it proves itself to the RPC. */
  INTEGRAVIZ_DOOR: GatewayAuth,
  /** The gateway only: origins whose pages may call from a browser. */
  INTEGRAVIZ_CORS: z.array(z.string()),
  /** The step that applies dashboards only. */
  INTEGRAVIZ_VISUALIZER: Visualizer,
  /**
   * The worker behind Pub/Sub only: the account whose OIDC token a push carries (Cloud Run has
   * checked it).
   */
  INTEGRAVIZ_PUSH: z.object({ email: z.string() }),
} as const;
export type Variable = keyof typeof environment;
export type Content<V extends Variable> = z.output<(typeof environment)[V]>;

/**
 * AWS only: names the secret of Secrets Manager whose text is the content of INTEGRAVIZ_SECRETS.
 */
export const SECRETS_ARN = "INTEGRAVIZ_SECRETS_ARN";

/**
 * Seconds in which a step that runs once tries again what it may not do yet (default 300): new
 * grants take a while to be known.
 */
export const GRANT_SECONDS = "INTEGRAVIZ_GRANT_SECONDS";

/** AWS only: the version of it to read. It changes with the value, and so starts new instances. */
export const SECRETS_VERSION = "INTEGRAVIZ_SECRETS_VERSION";
