/**
 * A real Superset, started for a test. Its packages are installed once for a lock file, and its own database is made
 * once, into .venv-superset/.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const LOCK = fileURLToPath(new URL("./requirements.lock", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../.venv-superset/", import.meta.url));
const INSTALL_MS = 240_000;

export const ADMIN = { user: "admin", password: "ADMIN-PASSWORD" };

const CONFIG = `import os
SECRET_KEY = "only-for-tests-0123456789012345678901234567"
SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.environ["INTEGRAVIZ_SUPERSET_DB"] + "?check_same_thread=false"
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
`;

export interface Installed {
  folder: string;
  bin: string;
}

/** Installs it where that is not done yet. Gives the reason where it cannot be done here. */
export async function installSuperset(): Promise<Installed | string> {
  const hash = createHash("sha256").update(readFileSync(LOCK)).update(CONFIG).digest("hex").slice(0, 12);
  const folder = join(ROOT, hash);
  const bin = join(folder, "venv/bin");
  const installed = { folder, bin };
  if (existsSync(join(folder, "superset.db"))) return installed;
  const python = await pythonFor();
  if (python === null) return "needs Python 3.10 to 3.12 as python3.11 or python3";
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "superset_config.py"), CONFIG);
    const options = { timeout: INSTALL_MS, maxBuffer: 2 ** 26 };
    await run(python, ["-m", "venv", join(folder, "venv")], options);
    await run(join(bin, "pip"), ["install", "--quiet", "uv"], options);
    await run(join(bin, "uv"), ["pip", "install", "--quiet", "--python", join(bin, "python"), "-r", LOCK], options);
    const making = join(folder, "making.db");
    const env = environment(installed, making);
    const superset = (...args: string[]) => run(join(bin, "superset"), args, { ...options, env, cwd: folder });
    await superset("db", "upgrade");
    const person = ["--firstname", "A", "--lastname", "D", "--email", "admin@example.com"];
    await superset("fab", "create-admin", "--username", ADMIN.user, "--password", ADMIN.password, ...person);
    await superset("init");
    renameSync(making, join(folder, "superset.db"));
    return installed;
  } catch (error) {
    return `could not be installed: ${String((error as Error).message)
      .split("\n")
      .slice(0, 3)
      .join(" ")}`;
  }
}

async function pythonFor(): Promise<string | null> {
  for (const name of ["python3.11", "python3"]) {
    const { stdout } = await run(name, ["--version"]).catch(() => ({ stdout: "" }));
    if (/Python 3\.(10|11|12)\./.test(stdout)) return name;
  }
  return null;
}

const environment = ({ folder, bin }: Installed, database: string) => ({
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  SUPERSET_CONFIG_PATH: join(folder, "superset_config.py"),
  FLASK_APP: "superset.app:create_app()",
  INTEGRAVIZ_SUPERSET_DB: database,
});

export interface RealSuperset {
  url: string;
  /** Its own log, which alone says why an import failed. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts it over a copy of the database that has just been made. */
export async function startSuperset(installed: Installed, scratch: string): Promise<RealSuperset> {
  const database = join(scratch, "superset.db");
  copyFileSync(join(installed.folder, "superset.db"), database);
  const args = ["-b", "127.0.0.1:0", "-w", "1", "-k", "gthread", "--threads", "8", "--timeout", "120"];
  const child = spawn(join(installed.bin, "gunicorn"), [...args, "superset.app:create_app()"], {
    env: environment(installed, database),
    cwd: scratch,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (bytes) => {
    log = (log + String(bytes)).slice(-200_000);
  });
  const deadline = Date.now() + 100_000;
  for (;;) {
    const url = /Listening at: (http:\/\/\S+)/.exec(log)?.[1];
    const isUp =
      url !== undefined &&
      (await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ));
    if (isUp) return { url, log: () => log, stop: () => stop(child) };
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop(child);
      throw new Error(`Superset did not start: ${log.slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(timer);
}
