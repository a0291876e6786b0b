import type { DeployedStore } from "../../stores/deployed.ts";
import { ready } from "../ready.ts";
import { deployWorker } from "../worker.ts";
import { readAwsSecrets } from "./secrets.ts";
import { sqsBatchHandler } from "./sqs-batch.ts";

export function workerLambda(store: DeployedStore) {
  const worker = ready(() => deployWorker(store, readAwsSecrets));
  worker().catch(console.error);
  return { handler: sqsBatchHandler(worker) };
}
