import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { DataFolder } from "./data-folder.ts";

const fileOf = (data: DataFolder) => join(data.path, "postgres.port");

/**
 * Chooses the port of the last start if nobody has it, so that a connection string stays good from
 * start to start; else any. It is written down for the next.
 */
export async function choosePort(data: DataFolder): Promise<number> {
  const port = await freePort(portOf(data));
  writeFileSync(fileOf(data), String(port));
  return port;
}

function portOf(data: DataFolder): number | null {
  try {
    return Number(readFileSync(fileOf(data), "utf8")) || null;
  } catch {
    return null;
  }
}

async function freePort(wanted: number | null): Promise<number> {
  const server = createServer();
  const listening = (port: number) =>
    new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
  if (wanted === null || !(await listening(wanted))) await listening(0);
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
