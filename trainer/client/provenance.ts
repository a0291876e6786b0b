import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";

/**
 * Where a run comes from: the tag `provenance`, one object, so that a run that is resumed elsewhere
 * says so as a whole. docs/provenance.md describes the convention. What cannot be found out is left
 * out.
 */
export interface Provenance {
  git_commit?: string;
  git_branch?: string;
  /** Whether the working tree has a change to a tracked file. */
  git_dirty?: boolean;
  /** SHA-256 of `git diff HEAD`, where it is dirty. */
  git_diff_sha256?: string;
  /** With secrets masked. */
  command?: string;
  host?: string;
  user?: string;
  /** `node 22.1.0` */
  runtime?: string;
  /** Versions of the packages that the project's package.json names. */
  packages?: Record<string, string>;
}

const GIT_TIMEOUT_MS = 2_000;
const MOST_PACKAGES = 200;

let ofProcess: Promise<Provenance> | undefined;

/** Of this process; found out once, beside whatever it does. */
export const provenance = (): Promise<Provenance> => (ofProcess ??= collectProvenance());

/** Never rejects. There may be no working folder (any more). */
export async function collectProvenance(of: { cwd?: string; argv?: readonly string[] } = {}): Promise<Provenance> {
  const cwd = () => of.cwd ?? process.cwd();
  const parts = await Promise.all([
    attempt(() => gitState(cwd())),
    attempt(() => ({ command: maskSecrets(of.argv ?? process.argv), runtime: `node ${process.versions.node}` })),
    attempt(async () => ({ packages: await packageVersions(cwd()) })),
    attempt(() => ({ host: hostname() })),
    attempt(() => ({ user: userInfo().username })),
  ]);
  return Object.assign({}, ...parts);
}

const SECRET_NAME = /token|secret|passw|passphrase|credential|api.?key|access.?key|private.?key|auth|bearer/i;
const MASK = "***";

/**
 * The command line with the values of options that are named like a secret, of URLs and of tokens
 * put out of sight.
 */
export function maskSecrets(argv: readonly string[]): string {
  let isSecret = false;
  return argv
    .map((word) => {
      const wasSecret = isSecret;
      isSecret = /^-{1,2}[^=]+$/.test(word) && SECRET_NAME.test(word);
      if (wasSecret && !word.startsWith("--")) return MASK;
      const [, name, value] = /^([^=\s]+)=(.*)$/s.exec(word) ?? [];
      if (name !== undefined && value !== "" && SECRET_NAME.test(name) && !name.includes("://"))
        return `${name}=${MASK}`;
      return word
        .replace(/(:\/\/)[^/@\s]+@/g, `$1${MASK}@`)
        .replace(/([?&#][^=&\s]*)=([^&#\s]+)/g, (pair, key) => (SECRET_NAME.test(key) ? `${key}=${MASK}` : pair))
        .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, MASK)
        .replace(/\b(Bearer|Basic)\s+\S+/gi, `$1 ${MASK}`);
    })
    .map((word) => (/^[\w@%+=:,./*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}

async function gitState(cwd: string): Promise<Provenance> {
  const [commit, branch, diff] = await Promise.all([
    git(cwd, "rev-parse", "HEAD"),
    git(cwd, "symbolic-ref", "--short", "HEAD"),
    git(cwd, "diff", "HEAD", "--binary", "--no-color", "--no-ext-diff"),
  ]);
  return {
    ...(commit === null ? {} : { git_commit: commit.start.trim() }),
    ...(branch === null ? {} : { git_branch: branch.start.trim() }),
    ...(diff === null ? {} : { git_dirty: diff.start !== "" }),
    ...(diff === null || diff.start === "" ? {} : { git_diff_sha256: diff.sha256 }),
  };
}

/**
 * How what git prints begins, and a hash of all of it: a diff may be larger than memory. Null where
 * it fails or hangs.
 */
function git(cwd: string, ...args: string[]): Promise<{ start: string; sha256: string } | null> {
  return new Promise((resolve) => {
    const child = spawn("git", args, { cwd, stdio: ["ignore", "pipe", "ignore"], windowsHide: true });
    const hash = createHash("sha256");
    let start = "";
    const patience = setTimeout(() => {
      child.kill();
      // Its own children may hold the pipe open.
      child.stdout.destroy();
      resolve(null);
    }, GIT_TIMEOUT_MS);
    const finish = (result: { start: string; sha256: string } | null) => {
      clearTimeout(patience);
      resolve(result);
    };
    child.on("error", () => finish(null));
    child.once("close", (code) => finish(code === 0 ? { start, sha256: hash.digest("hex") } : null));
    // Where there are no files left to open there is none.
    child.stdout?.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      if (start.length < 1_000) start += chunk;
    });
  });
}

/** Of the nearest package.json above. */
async function packageVersions(cwd: string): Promise<Record<string, string>> {
  const json = async (path: string) => JSON.parse(await readFile(path, "utf8"));
  const versions: Record<string, string> = {};
  try {
    const names = Object.keys((await json(join(cwd, "package.json"))).dependencies ?? {});
    await Promise.all(
      names.slice(0, MOST_PACKAGES).map(async (name) => {
        const { version } = await json(join(cwd, "node_modules", name, "package.json")).catch(() => ({}));
        if (typeof version === "string") versions[name] = version;
      }),
    );
    return Object.fromEntries(Object.entries(versions).sort());
  } catch {
    const above = dirname(cwd);
    return above === cwd ? versions : packageVersions(above);
  }
}

async function attempt(find: () => Provenance | Promise<Provenance>): Promise<Provenance> {
  try {
    return await find();
  } catch {
    return {};
  }
}
