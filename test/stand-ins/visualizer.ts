/** A loopback server that answers from a table of routes, and keeps what it was asked. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  body: any;
}

export interface Said {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON, or as it is where it is bytes. */
  body?: unknown;
}

export interface StandIn {
  url: string;
  asked: Asked[];
  close(): Promise<void>;
}

export async function standIn(answer: (asked: Asked) => Said | Promise<Said>): Promise<StandIn> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const { pathname, search } = new URL(request.url ?? "", "http://x");
    const one: Asked = {
      method: request.method ?? "",
      path: pathname + search,
      headers: request.headers,
      body: await parsed(sent, request.headers["content-type"] ?? ""),
    };
    asked.push(one);
    const { status = 200, headers = {}, body = {} } = await answer(one);
    response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(body instanceof Uint8Array ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Of a form, its fields; a file among them as bytes. */
async function parsed(sent: Buffer, type: string): Promise<unknown> {
  if (sent.length === 0) return undefined;
  if (!type.startsWith("multipart/form-data")) return JSON.parse(sent.toString());
  const form = await new Response(new Uint8Array(sent), { headers: { "content-type": type } }).formData();
  const fields = [...form].map(async ([name, value]) => [
    name,
    typeof value === "string" ? value : new Uint8Array(await value.arrayBuffer()),
  ]);
  return Object.fromEntries(await Promise.all(fields));
}
