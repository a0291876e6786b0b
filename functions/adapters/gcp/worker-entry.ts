import type { DeployedStore } from "../../stores/deployed.ts";
import { readVariable } from "../environment.ts";
import { ready } from "../ready.ts";
import { deployWorker } from "../worker.ts";
import { httpFunction } from "./cloud-functions.ts";
import { pubsubPushApp } from "./pubsub-push.ts";

export function workerCloudFunctions(store: DeployedStore) {
  const worker = ready(() => deployWorker(store));
  const app = ready(async () => pubsubPushApp(worker, readVariable(process.env, "INTEGRAVIZ_PUSH")));
  return { handler: httpFunction(app) };
}
