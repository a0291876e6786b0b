import { Hono } from "hono";
import { sharedKeyParameters } from "../../../../components/api/api-gateway.ts";
import { httpFunction } from "../../../../functions/adapters/gcp/cloud-functions.ts";
import { createMiddleware } from "../../../../functions/adapters/middleware.ts";
import { listen } from "../../../../functions/adapters/node/node.ts";
import { LIMITS } from "../../../../functions/event/event.ts";
import { createGateway } from "../../../../functions/gateway/gateway.ts";
import { createInvoker } from "../../../../functions/gateway/invoker.ts";
import { toErrorDocument } from "../../../../functions/refusals/error-document.ts";
import type { Adapter } from "./api.ts";
import { startFramework } from "./functions-framework.ts";
import { wireRequest } from "./lambda-adapters.ts";

const KEY = "the-gateway-key";

/** The handler as it is deployed, behind what every request passes there. */
function deployed(handler: Hono, gatewayKeys: string[]): Hono {
  const app = new Hono();
  app.onError((error, c) => toErrorDocument(error, c, console.error));
  app.use(...createMiddleware({ gatewayKeys, bodyBytes: LIMITS.inflatedBytes }));
  app.all("*", (c) => handler.fetch(c.req.raw, c.env));
  return app;
}

type StartRpc = (app: Hono) => Promise<{ port: number; close(): Promise<void> }>;

/**
 * The gateway with a shared key, in front of the handler behind something that carries its
 * requests.
 */
function gatewayAdapter(startRpc: StartRpc): Adapter {
  return async (handler) => {
    const rpc = await startRpc(deployed(handler, ["another", KEY]));
    const invoker = createInvoker(
      { auth: "shared-key", url: `http://127.0.0.1:${rpc.port}` },
      {},
      { gatewayKeys: { current: KEY } },
    );
    const gateway = await listen(createGateway({ invoker, origins: [] }).fetch, 0, "127.0.0.1");
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

/**
 * An HTTP API of API Gateway that proxies to Cloud Functions: it changes requests by its
 * integration's parameters, and knows paths decoded.
 */
export const apiGatewayToCloudFunctions: Adapter = async (handler) => {
  const app = deployed(handler, [KEY]);
  const framework = await startFramework(httpFunction(async () => app));
  return {
    hostname: "127.0.0.1",
    async request(path, init) {
      const { method, url, headers, body } = await wireRequest(path, init);
      const given = new Headers(headers.filter(([name]) => name !== "host" && name !== "content-length"));
      const known = (value: string) =>
        value.startsWith("$request.header.") ? (given.get(value.slice("$request.header.".length)) ?? "") : value;
      const changed = new Headers(given);
      for (const [parameter, value] of Object.entries({
        ...sharedKeyParameters,
        "overwrite:header.x-integraviz-key": KEY,
      }))
        if (parameter !== "overwrite:path") changed.set(parameter.slice("overwrite:header.".length), known(value));
      const decoded = encodeURI(decodeURIComponent(url.pathname).split("?")[0] as string);
      return fetch(`http://127.0.0.1:${framework.port}${decoded}${url.search}`, {
        method,
        headers: changed,
        ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
      });
    },
    close: framework.close,
  };
};

export const gatewayToCloudFunctions = gatewayAdapter((app) => startFramework(httpFunction(async () => app)));
