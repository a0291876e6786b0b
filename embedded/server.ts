import type { Hono } from "hono";
import { listen } from "../functions/adapters/node/node.ts";

export interface Gateway {
  url: string;
  stop(): Promise<void>;
}

/** What a browser on this machine may call it; a forwarded port is another port. */
export const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

const GRACE_MS = 500;

/** Serves on loopback. Port 0 takes any that is free. */
export async function openGateway(port: number, app: Hono): Promise<Gateway> {
  const server = await listen(app.fetch, port, "127.0.0.1").catch((error: Error & { code?: string }) => {
    throw error.code === "EADDRINUSE" ? new PortTaken(port) : error;
  });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(GRACE_MS) };
}

export class PortTaken extends Error {
  override readonly name = "PortTaken";
  constructor(port: number) {
    super(
      `Port ${port} is in use by another program. Stop it, or choose another with --port (0 takes any that is free).`,
    );
  }
}
