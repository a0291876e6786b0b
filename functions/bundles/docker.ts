import { deployHandler } from "../adapters/deployed-handler.ts";
import { serveUntilStopped } from "../adapters/node.ts";
import type { DeployedStore } from "../stores/deployed.ts";
import { orExit } from "./or-exit.ts";

export function docker(deployed: DeployedStore): void {
  orExit(async () => {
    const { app, store } = await deployHandler(deployed);
    await serveUntilStopped(app.fetch, { close: () => store.close() });
  });
}
