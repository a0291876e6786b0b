import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { DataFolder } from "./data-folder.ts";
import { FolderTaken, lockWith } from "./folder-lock.ts";

/**
 * A server that outlived its gateway holds the data folder: it is asked to stop, once it has said
 * itself that no gateway lives. One that does not answer is left alone.
 */
export async function stopLeftOver(data: DataFolder, deadlineMs: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (let asked = false; ; await delay(50, undefined, { signal })) {
    const found = livingServer(data);
    if (found === null) return;
    if (!asked) asked = await isStopped(found);
    if (Date.now() > deadline) {
      const what = asked ? "stop" : "answer";
      throw new Error(
        `A PostgreSQL in ${data.cluster} (process ${found.pid}) does not ${what}. End it, then start again.`,
      );
    }
  }

  /** false where it could not be asked. */
  async function isStopped({ pid, port }: { pid: number; port: number }): Promise<boolean> {
    const client = new pg.Client({
      host: "127.0.0.1",
      port,
      user: "postgres",
      password: data.secrets.superuser,
      database: "postgres",
      connectionTimeoutMillis: 2_000,
      query_timeout: 2_000,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      await lockWith(client, data);
      process.kill(pid, "SIGINT");
      return true;
    } catch (error) {
      if (error instanceof FolderTaken) throw error;
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** The server that postmaster.pid names, if that process lives and is one in this folder. */
function livingServer(data: DataFolder): { pid: number; port: number } | null {
  try {
    const lines = readFileSync(join(data.cluster, "postmaster.pid"), "utf8").split("\n");
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    process.kill(pid, 0);
    // Another process may have got the number of one that is gone.
    return process.platform === "win32" || commandOf(pid).includes(data.cluster) ? { pid, port } : null;
  } catch {
    return null;
  }
}

function commandOf(pid: number): string {
  // Small images of Linux have no ps.
  if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  return execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
}
