import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";

export interface Gateway {
  url: string;
  port: number;
  stop(): Promise<void>;
}

/** What a browser on this machine may call it; a forwarded port is another port. */
export const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Serves on loopback. Port 0 takes any that is free. */
export async function openGateway(port: number, app: Hono): Promise<Gateway> {
  const server = await new Promise<Server>((resolve, reject) => {
    const starting = serve({ hostname: "127.0.0.1", port, fetch: app.fetch }, () => resolve(starting as Server));
    starting.once("error", (error: Error & { code?: string }) =>
      reject(error.code === "EADDRINUSE" ? new PortTaken(port) : error),
    );
  });
  const { port: taken } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      // Streams never end by themselves; requests under way get a moment.
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 500).unref();
      await closed;
    },
  };
}

export class PortTaken extends Error {
  override readonly name = "PortTaken";
  constructor(port: number) {
    super(
      `Port ${port} is in use by another program. Stop it, or choose another with --port (0 takes any that is free).`,
    );
  }
}
