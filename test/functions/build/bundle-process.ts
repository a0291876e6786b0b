import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** A login of `contract/logins` and its password, from a connection URL. */
export function loginOf(url: string): { login: { driver: string; port: number }; password: string } {
  const { hostname, port, pathname, username, password } = new URL(url);
  const login = {
    driver: "postgres",
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    user: username,
    tls: { mode: "off" },
  };
  return { login, password: decodeURIComponent(password) };
}

/** A folder of its own with nothing but the bundle in it, and no node_modules above it. */
export async function aloneFolder(bundle: string): Promise<{ file: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "integraviz-bundle-"));
  const file = join(folder, "index.mjs");
  await copyFile(bundle, file);
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface RunningBundle {
  child: ChildProcess;
  /** What it has printed, of both kinds. */
  output(): string;
  exit: Promise<number | null>;
}

/** A fresh process with an environment of its own. */
export function runBundle(args: string[], env: Record<string, string>): RunningBundle {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? "", ...env },
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      printed += chunk;
    });
  return {
    child,
    output: () => printed,
    exit: new Promise((resolve) => child.once("close", (code) => resolve(code))),
  };
}

/** Calls the `handler` of a Lambda bundle in a fresh process, as the runtime does, and gives its answer. */
export async function invoke(file: string, event: unknown, env: Record<string, string>): Promise<unknown> {
  const script = `import(${JSON.stringify(pathToFileURL(file).href)}).then(async ({ handler }) => {
    const answer = await handler(${JSON.stringify(event)}, {});
    console.log("\\nANSWER " + JSON.stringify(answer ?? null));
    process.exit(0);
  }).catch((error) => { console.error(error.message); process.exit(1); });`;
  const running = runBundle(["--input-type=module", "-e", script], env);
  const code = await running.exit;
  const answer = /^ANSWER (.*)$/m.exec(running.output())?.[1];
  if (code !== 0 || answer === undefined) throw new Error(running.output());
  return JSON.parse(answer);
}
