import { httpFunction } from "../adapters/cloud-functions.ts";
import { readPush } from "../adapters/environment.ts";
import { pubsubPushApp } from "../adapters/pubsub-push.ts";
import { ready } from "../adapters/ready.ts";
import { deployWorker } from "../adapters/worker.ts";
import type { DeployedStore } from "../stores/deployed.ts";

export function workerCloudFunctions(store: DeployedStore) {
  const worker = ready(() => deployWorker(store));
  const app = ready(async () => pubsubPushApp(worker, readPush(process.env)));
  return { handler: httpFunction(app) };
}
