import type { Hono } from "hono";
import { listen } from "../functions/adapters/node/node.ts";
import { inUrl } from "./loopback.ts";

export interface Gateway {
  url: string;
  stop(): Promise<void>;
}

const GRACE_MS = 500;

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
