import type { Hono } from "hono";
import { listen } from "../functions/adapters/node/node.ts";

export interface Gateway {
  url: string;
  stop(): Promise<void>;
}

/** What a browser on this machine may call it; a forwarded port is another port. */
export const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

const GRACE_MS = 500;

/** Addresses that take in loopback. */
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || host === "::1";

/** How an address is written in a URL of this machine. */
export function inUrl(host: string): string {
  if (EVERYWHERE.has(host)) return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/** Serves on an address of this machine. Port 0 takes any that is free. */
export async function openGateway(host: string, port: number, app: Hono): Promise<Gateway> {
  const server = await listen(app.fetch, port, host).catch((error: Error & { code?: string }) => {
    if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") throw new NoAddress(host);
    throw error.code === "EADDRINUSE" ? new PortTaken(port) : error;
  });
  return { url: `http://${inUrl(host)}:${server.port}`, stop: () => server.stop(GRACE_MS) };
}

export class NoAddress extends Error {
  override readonly name = "NoAddress";
  constructor(host: string) {
    super(`--host ${host} is no address of this machine. Give one that is, or 0.0.0.0 for all.`);
  }
}

export class PortTaken extends Error {
  override readonly name = "PortTaken";
  constructor(port: number) {
    super(
      `Port ${port} is in use by another program. Stop it, or choose another with --port (0 takes any that is free).`,
    );
  }
}
