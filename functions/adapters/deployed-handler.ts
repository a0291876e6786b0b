import type { Hono } from "hono";
import { createHandler } from "../handler.ts";
import type { DeployedStore } from "../stores/deployed.ts";
import { openQueue } from "../stores/queue/open-queue.ts";
import { openQueueStore } from "../stores/queue/queue-store.ts";
import type { Store } from "../stores/store.ts";
import { createVerifier } from "../tokens.ts";
import {
  EnvironmentError,
  readLimits,
  readLogin,
  readQueue,
  readSecrets,
  type Secrets,
  type Variables,
} from "./environment.ts";
import { openFront } from "./front.ts";

export interface Deployed {
  app: Hono;
  store: Store;
}

/** The handler as the environment describes it. `streaming` is what the platform itself can do; the way to it may do less. */
export async function deployHandler(
  deployed: DeployedStore,
  { env = process.env as Variables, streaming = "live" }: { env?: Variables; streaming?: "live" | "poll" } = {},
): Promise<Deployed> {
  const limits = readLimits(env);
  const secrets = await readSecrets(env);
  const { tokenKeys } = secrets;
  if (tokenKeys === undefined || tokenKeys.length === 0)
    throw new EnvironmentError("INTEGRAVIZ_SECRETS", "has no tokenKeys.");
  const store = openStore(deployed, env, secrets);
  const handler = createHandler({
    store,
    verify: createVerifier({ keys: tokenKeys, denied: () => store.deniedTokens() }),
    streaming: limits.stream === "live" ? streaming : "poll",
  });
  const gatewayKeys = secrets.gatewayKeys && Object.values(secrets.gatewayKeys);
  const app = openFront(handler, { gatewayKeys, bodyBytes: limits.bodyBytes });
  return { app, store };
}

/** With a queue in the environment, events go there and all else to the store. */
function openStore(deployed: DeployedStore, env: Variables, secrets: Secrets): Store {
  const store = deployed.open({
    writer: readLogin(env, "INTEGRAVIZ_STORE", secrets),
    reader: readLogin(env, "INTEGRAVIZ_READER", secrets),
  });
  const address = readQueue(env);
  if (address === null) return store;
  return openQueueStore({ store, queue: openQueue(address, env), isControlCheap: deployed.isControlCheap });
}
