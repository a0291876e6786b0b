import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { DataFolder } from "./data-folder.ts";
import { FolderTaken, takeLock } from "./folder-lock.ts";
import { initialise, type Programs, programPaths } from "./initdb.ts";
import { stopLeftOver } from "./left-over.ts";
import { choosePort } from "./port.ts";
import { checkVersion } from "./postgres-version.ts";
import { keepLogShort } from "./server-log.ts";
import { serverUser } from "./server-user.ts";

/** Where a server is. */
export interface ClusterAddress {
  port: number;
  url(user: string, password: string, database: string): string;
  superUrl(database: string): string;
}

/** A PostgreSQL server of our own, in the data folder, on loopback. */
export interface Cluster extends ClusterAddress {
  /** The process id of the server, which changes when it is started again. */
  pid(): number;
  /**
   * The same connection through the server's Unix socket, which costs this machine less than TCP.
   */
  inside(url: string): string;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  data: DataFolder;
  /** Told when the server died and when it is back. */
  say?: (what: string) => void;
  /** Gives up a start that is under way, and makes no new one of a server that dies. */
  signal?: AbortSignal;
  /** PostgreSQL's programs. Default: those of the package for this machine. */
  programs?: Programs;
  /** How long a server may take to answer, or to end, in ms. */
  deadlineMs?: number;
}

const DEADLINE_MS = 60_000;
const RESTART_PAUSE_MS = 5_000;
/** cannot_connect_now: it lives, and recovers what it had not yet written when it was killed. */
const RECOVERING = "57P03";

/**
 * Starts the server in the data folder, making its files at first. A server left over by a gateway
 * that was killed is stopped first; one that another gateway uses is an error. While it is up, a
 * server that dies is started again.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { data, say = () => {}, signal, deadlineMs = DEADLINE_MS } = options;
  const ending = new AbortController();
  signal?.addEventListener("abort", () => ending.abort());
  const programs = options.programs ?? (await programPaths());
  const user = serverUser([programs.postgres, data.cluster]);
  checkVersion(data, programs.postgres);
  if (!existsSync(join(data.cluster, "PG_VERSION"))) await initialise(programs.initdb, user, data, ending.signal);
  await stopLeftOver(data, deadlineMs, ending.signal);
  const port = await choosePort(data);
  const url = (name: string, password: string, database: string) =>
    `postgres://${name}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const socketFolder = socketFolderOf(data, port);
  const superUrl = (database: string) => url("postgres", data.secrets.superuser, database);

  const endRotation = keepLogShort(data.serverLog);
  let [server, lock] = await launch();
  const kept = keepAlive();

  return {
    port,
    pid: () => server.pid as number,
    url,
    superUrl,
    inside: (outside) => (socketFolder === null ? outside : `${outside}?host=${encodeURIComponent(socketFolder)}`),
    async stop() {
      ending.abort();
      endRotation();
      await kept;
      await lock.end().catch(() => {});
      await shutDown(server);
    },
  };

  /** Ends when it is told to, with the server up or not. */
  async function keepAlive(): Promise<void> {
    for (;;) {
      await Promise.race([exitOf(server), once(ending.signal, "abort")]);
      if (ending.signal.aborted) return;
      say("PostgreSQL ended unexpectedly; starting it again.");
      await lock.end().catch(() => {});
      await restart();
    }
  }

  async function restart(): Promise<void> {
    let said = "";
    while (!ending.signal.aborted) {
      try {
        [server, lock] = await launch();
        return say("PostgreSQL is back.");
      } catch (error) {
        if (ending.signal.aborted) return;
        const { message } = error as Error;
        if (message !== said) say(`${message} Trying again.`);
        said = message;
        await delay(RESTART_PAUSE_MS, undefined, { signal: ending.signal }).catch(() => {});
      }
    }
  }

  /**
   * A server that answers and is ours alone, or none. Tries again for a while: after a kill -9 the
   * server's memory is still in use until its last process has gone.
   */
  async function launch(): Promise<[ChildProcess, pg.Client]> {
    const deadline = Date.now() + deadlineMs;
    for (;;) {
      const child = run();
      try {
        await answers(child, superUrl("postgres"), deadline, ending.signal);
        const held = await takeLock(superUrl("postgres"), data);
        ending.signal.throwIfAborted();
        return [child, held];
      } catch (error) {
        await shutDown(child);
        if (error instanceof FolderTaken) throw error;
        if (ending.signal.aborted || Date.now() > deadline) throw new Error(whyNotUp(data));
      }
      await delay(100);
    }
  }

  function run(): ChildProcess {
    const log = openSync(data.serverLog, "a", 0o600);
    const { file, args, options } = user.command(programs.postgres, [
      "-D",
      data.cluster,
      "-p",
      String(port),
      "-c",
      `unix_socket_directories=${socketFolder ?? ""}`,
      ...SETTINGS,
    ]);
    // A group of its own, so that Ctrl-C reaches us first and the server is shut down in order.
    const child = spawn(file, args, { ...options, detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    return child;
  }
}

/** What PostgreSQL needs to begin with: a segment of its log is 16 MB. */
const ROOM_BYTES = 32_000_000;

function whyNotUp({ path, serverLog }: DataFolder): string {
  const { bavail, bsize } = statfsSync(path);
  const room = bavail * bsize;
  const full = room < ROOM_BYTES ? ` The disk of ${path} is full: ${Math.floor(room / 1e6)} MB are free.` : "";
  return `PostgreSQL does not start.${full} Its last words are in ${serverLog}.`;
}

const SETTINGS = Object.entries({
  listen_addresses: "127.0.0.1",
  max_connections: "60",
  // For the owner and the writer, whatever readers take.
  reserved_connections: "20",
  // Of one session's sorts; readers cannot set it.
  temp_file_limit: "1GB",
  // An event that was sent before is an expected error: neither its text nor the statement are of
  // use.
  log_min_error_statement: "fatal",
  log_error_verbosity: "terse",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
  // Of a table that was never analyzed too few rows are expected, and whole runs are read for their
  // last events.
  autovacuum_naptime: "10s",
  // Compiling a query costs more than it saves on queries of this size.
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
}).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

/**
 * In the server's own folder, where nobody else may enter; null where the path is longer than the
 * system takes (unix(7)).
 */
function socketFolderOf({ cluster }: DataFolder, port: number): string | null {
  const fits = Buffer.byteLength(`${cluster}/.s.PGSQL.${port}`) < 104;
  // A comma would make two folders of it.
  return process.platform !== "win32" && fits && !cluster.includes(",") ? cluster : null;
}

/**
 * Resolves when it does; rejects where it ended before that, or has neither answered by the
 * deadline nor recovers.
 */
async function answers(child: ChildProcess, url: string, deadline: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return;
    } catch (error) {
      const isLate = Date.now() > deadline && (error as { code?: string }).code !== RECOVERING;
      if (hasEnded(child) || isLate) throw error;
    } finally {
      await client.end().catch(() => {});
    }
    await delay(20, undefined, { signal });
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function exitOf(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, "exit");
}

/** By PostgreSQL's fast shutdown: sessions are ended, a checkpoint is written. */
async function shutDown(server: ChildProcess): Promise<void> {
  server.kill("SIGINT");
  await exitOf(server);
}
