import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * How to start PostgreSQL's programs: it refuses to run as root, so root starts it as the user
 * `postgres`.
 */
export interface ServerUser {
  /** What the data folder must belong to; null: the one we are. */
  owner: { uid: number; gid: number } | null;
  /** The program and arguments, as that user. */
  command(program: string, args: string[]): { file: string; args: string[]; options: { uid?: number; gid?: number } };
}

const SETPRIV = "/usr/bin/setpriv";

/**
 * @param paths the programs and folders that the user must be able to reach
 */
export function serverUser(paths: string[]): ServerUser {
  if (process.getuid?.() !== 0) return { owner: null, command: (file, args) => ({ file, args, options: {} }) };
  const owner = postgresUser();
  if (paths.every(isReachable)) return { owner, command: (file, args) => ({ file, args, options: owner }) };
  if (!existsSync(SETPRIV)) {
    throw new Error(
      `PostgreSQL cannot run as root, and the user postgres cannot enter ${paths.find((path) => !isReachable(path))}. ` +
        "Run as another user, or put the project and --data where all users may enter.",
    );
  }
  // A checkout below /root or a private temporary folder: the one capability that lets a process
  // read there.
  const drop = [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    "--clear-groups",
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
    "--",
  ];
  return { owner, command: (file, args) => ({ file: SETPRIV, args: [...drop, file, ...args], options: {} }) };
}

function postgresUser(): { uid: number; gid: number } {
  const id = (flag: string) =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    execFileSync("useradd", ["--system", "--user-group", "--no-create-home", "postgres"]);
    return { uid: id("-u"), gid: id("-g") };
  }
}

/** Whether every folder on the way lets others in. */
function isReachable(path: string): boolean {
  for (let at = dirname(path); ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
