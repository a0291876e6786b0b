import { deployHandler } from "../adapters/deployed-handler.ts";
import { lambdaHttpHandler } from "../adapters/lambda.ts";
import { ready } from "../adapters/ready.ts";
import type { DeployedStore } from "../stores/deployed.ts";

export function lambda(store: DeployedStore) {
  // An answer is whole before Lambda gives it on.
  const app = ready(async () => (await deployHandler(store, { streaming: "poll" })).app);
  // Secrets are fetched while the function starts; what fails is tried again by the first request.
  app().catch(console.error);
  return { handler: lambdaHttpHandler(app) };
}
