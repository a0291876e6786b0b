import { httpFunction } from "../adapters/cloud-functions.ts";
import { deployHandler } from "../adapters/deployed-handler.ts";
import { ready } from "../adapters/ready.ts";
import type { DeployedStore } from "../stores/deployed.ts";

export function cloudFunctions(store: DeployedStore) {
  const app = ready(async () => (await deployHandler(store)).app);
  app().catch(console.error);
  return { handler: httpFunction(app) };
}
