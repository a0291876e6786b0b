import type { Hono } from "hono";
import { createHandler } from "../http/handler.ts";
import { createVerifier, toSessionSecrets } from "../http/tokens.ts";
import type { DeployedStore } from "../stores/deployed.ts";
import { openQueueStore, type Queue } from "../stores/queue/queue-store.ts";
import type { Store } from "../stores/store.ts";
import {
  EnvironmentError,
  readLogin,
  readSecrets,
  readVariable,
  type SecretsOf,
  type Variables,
} from "./environment.ts";
import { createMiddleware } from "./middleware.ts";

export interface Deployed {
  app: Hono;
  store: Store;
}

/** What runs the bundle, by what it has: each carries the code of its own platform only. */
export interface Platform {
  secretsOf?: SecretsOf;
  /** The queue that INTEGRAVIZ_QUEUE describes; absent where events cannot be queued. */
  queueOf?(env: Variables): Queue;
  /** What the platform itself can do; the way to it may do less. */
  streaming?: "live" | "poll";
}

/** The handler as the environment describes it. */
export async function deployHandler(
  deployed: DeployedStore,
  { secretsOf = readSecrets, queueOf, streaming = "live" }: Platform = {},
): Promise<Deployed> {
  const env: Variables = process.env;
  const limits = readVariable(env, "INTEGRAVIZ_LIMITS");
  const secrets = await secretsOf(env);
  const { tokenKeys } = secrets;
  if (tokenKeys === undefined || tokenKeys.length === 0)
    throw new EnvironmentError("INTEGRAVIZ_SECRETS", "has no tokenKeys.");
  const stored = deployed.open({
    writer: readLogin(env, "INTEGRAVIZ_STORE", secrets),
    reader: readLogin(env, "INTEGRAVIZ_READER", secrets),
  });
  // With a queue, events go there and all else to the store.
  const queue = env.INTEGRAVIZ_QUEUE ? queueOf?.(env) : null;
  if (queue === undefined) throw new EnvironmentError("INTEGRAVIZ_QUEUE", "is nothing that this platform has.");
  const store = queue ? openQueueStore({ store: stored, queue, isControlCheap: deployed.isControlCheap }) : stored;
  const gatewayKeys = secrets.gatewayKeys && Object.values(secrets.gatewayKeys);
  const app = createHandler({
    store,
    middleware: createMiddleware({ gatewayKeys, bodyBytes: limits.bodyBytes }),
    verify: createVerifier({ keys: tokenKeys, denied: () => store.deniedTokens() }),
    sessionSecrets: toSessionSecrets(tokenKeys),
    streaming: limits.stream === "live" ? streaming : "poll",
  });
  return { app, store };
}
