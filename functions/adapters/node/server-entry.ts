import type { DeployedStore } from "../../stores/deployed.ts";
import { deployHandler } from "../deployed-handler.ts";
import { serveUntilStopped } from "./node.ts";
import { orExit } from "./or-exit.ts";

export function docker(deployed: DeployedStore): void {
  orExit(async () => {
    const { app, store } = await deployHandler(deployed);
    await serveUntilStopped(app.fetch, { close: () => store.close() });
  });
}
