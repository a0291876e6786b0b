/** The real engine, on a copy of the project in a folder of its own, with a file backend and stand-in providers. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pathWithCli } from "./cli/cli.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOT_COPIED = ["bench", "dist", "docs", "node_modules", "test"];
const PACKAGES = ["aws", "gcp", "snowflake", "docker", "random", "tls"];

export interface Answer {
  code: number;
  /** Both streams. */
  text: string;
}

/** What the engine would do to a resource: "create", "update", "replace", "delete", "same" and others. */
export interface Step {
  op: string;
  urn: string;
}

export interface StackState {
  deployment: {
    resources?: {
      urn: string;
      type: string;
      custom?: boolean;
      inputs?: object;
      outputs?: object;
      protect?: boolean;
      delete?: boolean;
    }[];
  };
}

export class Engine {
  readonly dir: string;
  readonly #servers: ChildProcess[];
  /** Where the program is run when not by the language host. */
  readonly #client: string[];
  /** What the CLI is run with. */
  readonly env: NodeJS.ProcessEnv;
  readonly #fails: string;

  private constructor(dir: string, providers: Served, inline: Served | undefined, fails: string) {
    this.dir = dir;
    this.#servers = inline ? [providers.server, inline.server] : [providers.server];
    this.#client = inline ? [`--client=127.0.0.1:${inline.port}`] : [];
    this.#fails = fails;
    this.env = {
      ...process.env,
      PATH: pathWithCli(),
      PULUMI_HOME: join(dir, ".pulumi-home"),
      PULUMI_BACKEND_URL: `file://${dir}`,
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DEBUG_PROVIDERS: PACKAGES.map((name) => `${name}:${providers.port}`).join(","),
    };
  }

  /** With `inline` the program is run by `cli/inline-host.ts`: quicker where it is run many times. */
  static async start({ inline = false } = {}): Promise<Engine> {
    const dir = mkdtempSync(join(tmpdir(), "integraviz-engine-"));
    for (const part of readdirSync(ROOT).filter((name) => !name.startsWith(".") && !NOT_COPIED.includes(name)))
      cpSync(join(ROOT, part), join(dir, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
    mkdirSync(join(dir, "dist"));
    cpSync(join(ROOT, "test/fixtures/bundles"), join(dir, "dist/functions"), { recursive: true });
    const fails = join(dir, "fails");
    const [providers, program] = await Promise.all([
      serve("providers.ts", ROOT, { STAND_IN_FAILS: fails }),
      inline ? serve("cli/inline-host.ts", dir) : undefined,
    ]);
    return new Engine(dir, providers, program, fails);
  }

  stop(): void {
    for (const server of this.#servers) server.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  pulumi(...args: string[]): Promise<Answer> {
    return this.#run("pulumi", [...args, "--non-interactive", "--color", "never"]);
  }

  /** A script of the project, in its copy. */
  node(script: string, ...args: string[]): Promise<Answer> {
    return this.#run(process.execPath, ["--import", "tsx", join(this.dir, script), ...args]);
  }

  #run(program: string, args: string[]): Promise<Answer> {
    return new Promise((resolve) => {
      execFile(program, args, { cwd: this.dir, env: this.env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, text: `${stdout}${stderr}` }),
      );
    });
  }

  /** A new stack, with this text as its configuration in place of the one that ships. */
  async init(stack: string, config?: string): Promise<void> {
    if (config !== undefined) writeFileSync(this.configFile(stack), config);
    expectOk(await this.pulumi("stack", "init", stack));
  }

  /** A file beside the project's; returns its folder. */
  write(path: string, text: string): string {
    const file = join(this.dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return dirname(file);
  }

  configFile(stack: string): string {
    return join(this.dir, "stacks", `Pulumi.${stack}.yaml`);
  }

  read(stack: string): string {
    return readFileSync(this.configFile(stack), "utf8");
  }

  async set(stack: string, key: string, value: string, ...flags: string[]): Promise<void> {
    expectOk(
      await this.pulumi("config", "set", "-s", stack, ...(key.includes(".") ? ["--path"] : []), ...flags, key, value),
    );
  }

  up(stack: string): Promise<Answer> {
    return this.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--suppress-outputs", ...this.#client);
  }

  preview(stack: string): Promise<Answer> {
    return this.pulumi("preview", "-s", stack, "--suppress-outputs", ...this.#client);
  }

  /** What an `up` would do. */
  async steps(stack: string): Promise<Step[]> {
    const answer = await this.pulumi("preview", "-s", stack, "--json", ...this.#client);
    expectOk(answer);
    return (JSON.parse(answer.text.slice(answer.text.indexOf("{"))) as { steps: Step[] }).steps;
  }

  previewUnchanged(stack: string): Promise<Answer> {
    return this.pulumi("preview", "-s", stack, "--expect-no-changes", "--suppress-outputs", ...this.#client);
  }

  async state(stack: string): Promise<{ state: StackState; text: string }> {
    const { text } = await this.pulumi("stack", "export", "-s", stack);
    return { state: JSON.parse(text) as StackState, text };
  }

  async urns(stack: string): Promise<string[]> {
    const { state } = await this.state(stack);
    return (state.deployment.resources ?? [])
      .map(({ urn }) => urn)
      .filter((urn) => !urn.includes("pulumi:providers:"))
      .sort();
  }

  async unprotectAndDestroy(stack: string): Promise<Answer> {
    await this.pulumi("state", "unprotect", "-s", stack, "--all", "--yes");
    return this.pulumi("destroy", "-s", stack, "--yes", "--skip-preview");
  }

  /** The creation of this resource, or with `exit NAME` its process, fails until it is asked to fail no more. */
  failOn(name: string | undefined): void {
    writeFileSync(this.#fails, name ?? "");
  }
}

interface Served {
  server: ChildProcess;
  port: number;
}

/** Starts a script that prints its port. */
async function serve(script: string, cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Served> {
  const server = spawn(process.execPath, ["--import", "tsx", join(ROOT, "test/engine", script), "127.0.0.1:0"], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.stdout.once("data", (text: Buffer) => resolve(Number.parseInt(String(text), 10)));
    server.once("exit", (code) => reject(new Error(`${script} ended with ${code}`)));
  });
  return { server, port };
}

export function expectOk({ code, text }: Answer): void {
  if (code !== 0) throw new Error(text.split("\n").slice(-60).join("\n"));
}

export function readShipped(stack: string): string {
  return readFileSync(join(ROOT, "stacks", `Pulumi.${stack}.yaml`), "utf8");
}
