import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { openDataFolder } from "../../embedded/data-folder.ts";
import type { Endpoint } from "../../embedded/stack.ts";

/** `npm start` as a process of its own, which a test can kill. */
export interface GatewayProcess {
  process: ChildProcess;
  pid: number;
  /** All it has printed. */
  output(): string;
  /** The URL of its "Look" line. */
  pageUrl: string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const PROGRAM = fileURLToPath(new URL("../../commands/integraviz.ts", import.meta.url));

/** @param node options of Node's own */
export function spawnGateway(options: string[], node: string[] = []) {
  return spawn(process.execPath, [...node, "--import", "tsx", PROGRAM, "start", ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Resolves once it has printed where to look; rejects with what it printed when it ends before. */
export async function startGateway(options: string[], node: string[] = []): Promise<GatewayProcess> {
  const child = spawnGateway(options, node);
  let printed = "";
  const pageUrl = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      printed += chunk;
      const [, url] = /^Look\s+(\S+)$/m.exec(printed) ?? [];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("exit", (code) => reject(new GatewayEnded(code, printed)));
  });
  return {
    process: child,
    pid: child.pid as number,
    output: () => printed,
    pageUrl,
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = await once(child, "exit");
      return code as number | null;
    },
  };
}

export class GatewayEnded extends Error {
  readonly code: number | null;
  readonly printed: string;
  constructor(code: number | null, printed: string) {
    super(`The gateway ended with ${code}: ${printed}`);
    this.code = code;
    this.printed = printed;
  }
}

/** What the log holds, asked past the gateway. */
export async function asWriter<T extends pg.QueryResultRow>(
  data: string,
  endpoint: Endpoint,
  sql: string,
): Promise<T[]> {
  const url = new URL(endpoint.sql);
  url.username = "integraviz_writer";
  url.password = openDataFolder(data).secrets.writer;
  const client = new pg.Client({ connectionString: String(url) });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}
