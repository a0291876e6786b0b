import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { EnvironmentError, type Variables } from "../environment.ts";

export interface NodeServer {
  port: number;
  /** Takes no more requests; those under way get `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

type Fetch = (request: Request) => Response | Promise<Response>;

const GRACE_MS = 8_000;

/** A server of all addresses on a port; 0 takes any that is free. */
export async function listen(fetch: Fetch, port: number, hostname = "0.0.0.0"): Promise<NodeServer> {
  const server = serve({ fetch, port, hostname }) as Server;
  if (!server.listening)
    await new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
    });
  return {
    port: (server.address() as { port: number }).port,
    async stop(graceMs = GRACE_MS) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      // Streams never end by themselves.
      setTimeout(() => server.closeAllConnections(), graceMs).unref();
      await closed;
    },
  };
}

/** Serves on $PORT until SIGTERM or SIGINT, which container engines send before they kill. */
export async function serveUntilStopped(
  fetch: Fetch,
  { env = process.env, close = async () => {} }: { env?: Variables; close?: () => Promise<void> } = {},
): Promise<void> {
  const server = await listen(fetch, portOf(env));
  console.log(`Listening on port ${server.port}.`);
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    await server.stop();
    await close();
    process.exit(0);
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
}

function portOf({ PORT = "8080" }: Variables): number {
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535) throw new EnvironmentError("PORT", "is not a port.");
  return Number(PORT);
}
