import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import {
  type FunctionRequest,
  type HttpFunction,
  httpFunction,
} from "../../../../functions/adapters/gcp/cloud-functions.ts";
import type { Adapter } from "./api.ts";

/**
 * Calls a function as Google's Functions Framework (4.0) does: the body is read and inflated first,
 * and JSON that does not parse is answered with 400 before the function hears of it.
 */
export async function startFramework(handler: HttpFunction): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(async (request: FunctionRequest, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    try {
      const sent = Buffer.concat(chunks);
      const rawBody = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
      if (rawBody.length > 0) {
        if (request.headers["content-type"]?.startsWith("application/json")) JSON.parse(rawBody.toString());
        request.rawBody = rawBody;
      }
    } catch {
      response.writeHead(400).end("The framework could not read the body.");
      return;
    }
    await handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const cloudFunctionsAdapter: Adapter = async (app) => {
  const framework = await startFramework(httpFunction(async () => app));
  return {
    hostname: "127.0.0.1",
    request: (path, init) => fetch(`http://127.0.0.1:${framework.port}${path}`, init),
    close: framework.close,
  };
};
