import { setImmediate } from "node:timers/promises";
import type { DeployedStore } from "../../stores/deployed.ts";
import { openSqs } from "../../stores/queue/sqs.ts";
import { deployHandler, type Platform } from "../deployed-handler.ts";
import { readQueue } from "../environment.ts";
import { ready } from "../ready.ts";
import { lambdaHttpHandler } from "./lambda.ts";
import { readAwsSecrets } from "./secrets.ts";

const platform: Platform = {
  secretsOf: readAwsSecrets,
  queueOf: (env) => openSqs({ ...readQueue(env, "sqs"), env }),
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
