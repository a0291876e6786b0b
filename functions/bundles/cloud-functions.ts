import { httpFunction } from "../adapters/cloud-functions.ts";
import { deployHandler, type Platform } from "../adapters/deployed-handler.ts";
import { readPubsub } from "../adapters/environment.ts";
import { ready } from "../adapters/ready.ts";
import type { DeployedStore } from "../stores/deployed.ts";
import { openPubsub } from "../stores/queue/pubsub.ts";

const platform: Platform = { queueOf: (env) => openPubsub({ ...readPubsub(env), env }) };

export function cloudFunctions(store: DeployedStore) {
  const app = ready(async () => (await deployHandler(store, platform)).app);
  app().catch(console.error);
  return { handler: httpFunction(app) };
}
