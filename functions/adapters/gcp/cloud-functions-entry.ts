import type { DeployedStore } from "../../stores/deployed.ts";
import { openPubsub } from "../../stores/queue/pubsub.ts";
import { deployHandler, type Platform } from "../deployed-handler.ts";
import { readQueue } from "../environment.ts";
import { ready } from "../ready.ts";
import { httpFunction } from "./cloud-functions.ts";

const platform: Platform = { queueOf: (env) => openPubsub({ ...readQueue(env, "pubsub"), env }) };

export function cloudFunctions(store: DeployedStore) {
  const app = ready(async () => (await deployHandler(store, platform)).app);
  app().catch(console.error);
  return { handler: httpFunction(app) };
}
