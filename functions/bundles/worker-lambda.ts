import { readAwsSecrets } from "../adapters/aws-secrets.ts";
import { ready } from "../adapters/ready.ts";
import { sqsBatchHandler } from "../adapters/sqs-batch.ts";
import { deployWorker } from "../adapters/worker.ts";
import type { DeployedStore } from "../stores/deployed.ts";

export function workerLambda(store: DeployedStore) {
  const worker = ready(() => deployWorker(store, readAwsSecrets));
  worker().catch(console.error);
  return { handler: sqsBatchHandler(worker) };
}
