import { setImmediate } from "node:timers/promises";
import { readAwsSecrets } from "../adapters/aws-secrets.ts";
import { deployHandler, type Platform } from "../adapters/deployed-handler.ts";
import { readSqs } from "../adapters/environment.ts";
import { lambdaHttpHandler } from "../adapters/lambda.ts";
import { ready } from "../adapters/ready.ts";
import type { DeployedStore } from "../stores/deployed.ts";
import { openSqs } from "../stores/queue/sqs.ts";

const platform: Platform = {
  secretsOf: readAwsSecrets,
  queueOf: (env) => openSqs({ ...readSqs(env), env }),
  // An answer is whole before Lambda gives it on.
  streaming: "poll",
};

export function lambda(store: DeployedStore) {
  const app = ready(async () => {
    const { app } = await deployHandler(store, platform);
    // The connection is on its way before the request takes the thread.
    await setImmediate();
    return app;
  });
  // Secrets are fetched while the function starts; what fails is tried again by the first request.
  app().catch(console.error);
  return { handler: lambdaHttpHandler(app) };
}
