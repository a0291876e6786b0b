import type { Hono } from "hono";
import { httpFunction } from "../../../functions/adapters/cloud-functions.ts";
import { openFront } from "../../../functions/adapters/front.ts";
import { listen } from "../../../functions/adapters/node.ts";
import { LIMITS } from "../../../functions/event.ts";
import { openDoor } from "../../../functions/gateway/doors.ts";
import { createGateway } from "../../../functions/gateway/gateway.ts";
import type { Adapter } from "./api.ts";
import { startFramework } from "./functions-framework.ts";

const KEY = "the-gateway-key";

type StartRpc = (app: Hono) => Promise<{ port: number; close(): Promise<void> }>;

/** The gateway with a shared key, in front of the handler behind something that carries its requests. */
function gatewayAdapter(startRpc: StartRpc): Adapter {
  return async (handler) => {
    const rpc = await startRpc(openFront(handler, { gatewayKeys: ["another", KEY], bodyBytes: LIMITS.inflatedBytes }));
    const door = openDoor(
      { auth: "shared-key", url: `http://127.0.0.1:${rpc.port}` },
      {},
      { gatewayKeys: { current: KEY } },
    );
    const gateway = await listen(createGateway({ door, origins: [] }).fetch, 0, "127.0.0.1");
    return {
      hostname: "127.0.0.1",
      request: (path, init) => fetch(`http://127.0.0.1:${gateway.port}${path}`, init),
      async close() {
        await gateway.stop(0);
        await rpc.close();
      },
    };
  };
}

export const gatewayToNode = gatewayAdapter(async (app) => {
  const server = await listen(app.fetch, 0, "127.0.0.1");
  return { port: server.port, close: () => server.stop(0) };
});

export const gatewayToCloudFunctions = gatewayAdapter((app) => startFramework(httpFunction(async () => app)));
