/**
 * The Pulumi CLI that the tests run: one version for everybody, that of `go.mod`, whatever is on PATH.
 *
 * It is built of its published Go module into `bin/`, which stays there when `npm ci` makes node_modules anew.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const MAIN = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const HOST = "pulumi-language-nodejs";
const STAMPED = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** Such as `v3.274.1`. */
export const CLI_VERSION = versionIn(readFileSync(join(FOLDER, "go.mod"), "utf8"));

const BUILT = join(FOLDER, "bin", CLI_VERSION);

export const NO_CLI = `needs the Pulumi CLI ${CLI_VERSION}, which is built where Go is on PATH (https://go.dev/dl)`;

/** PATH with the CLI and its language host before all else. */
export function pathWithCli(): string {
  return [BUILT, process.env.PATH].join(delimiter);
}

export function cliIsBuilt(): boolean {
  return existsSync(join(BUILT, "pulumi"));
}

/** Vitest's global set-up: builds the CLI where this checkout has not got it. Without Go it says so and leaves it. */
export default async function buildCli(): Promise<void> {
  if (cliIsBuilt()) return;
  const run = promisify(execFile);
  try {
    await run("go", ["version"]);
  } catch {
    console.error(`test/engine is skipped: it ${NO_CLI}.`);
    return;
  }
  console.error(`Building the Pulumi CLI ${CLI_VERSION} (test/engine/cli): 4 to 8 minutes the first time.`);
  const half = join(FOLDER, "bin", `half-${process.pid}`);
  const flags = `-s -w -X ${STAMPED}=${CLI_VERSION}`; // a CLI without a version is refused by the Automation API
  mkdirSync(half, { recursive: true });
  try {
    await run("go", ["build", "-ldflags", flags, "-o", join(half, "pulumi"), MAIN], {
      cwd: FOLDER,
      maxBuffer: 2 ** 26,
    });
    // A host that lies elsewhere on PATH is used with a warning.
    symlinkSync(`../../${HOST}`, join(half, HOST));
    // Another process may have built it meanwhile.
    if (!cliIsBuilt()) renameSync(half, BUILT);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  for (const version of readdirSync(join(FOLDER, "bin")).filter((name) => name.startsWith("v")))
    if (version !== CLI_VERSION) rmSync(join(FOLDER, "bin", version), { recursive: true });
}

function versionIn(goMod: string): string {
  const version = /^\s*github\.com\/pulumi\/pulumi\/pkg\/v3 (v\S+)/m.exec(goMod)?.[1];
  if (!version) throw new Error(`${FOLDER}go.mod names no version of the Pulumi CLI.`);
  return version;
}
