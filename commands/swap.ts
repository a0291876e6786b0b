/**
 * `npm run swap -- --stack NAME storage.kind=bigquery [more=settings] [--archive] [--verbose] [--apply]`
 * shows what a change of configuration would do, from a temporary copy of it; nothing is changed without --apply,
 * and what would lose events is refused.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { isSecretAt } from "../components/checking/problem.ts";
import { settingsSchema } from "../components/checking/schema.ts";
import { type BlastRadius, blastRadius, type Preview, report } from "../operations/swap/blast-radius.ts";

export interface SwapRequest {
  stack: string;
  /** "storage.kind" -> "bigquery" */
  settings: [path: string, value: string][];
  archive: boolean;
  /** Lists what stays as it is, too. */
  verbose: boolean;
  apply: boolean;
}

const USAGE =
  "usage: npm run swap -- --stack NAME storage.kind=bigquery [more=settings] [--archive] [--verbose] [--apply]";

export function readRequest(argv: string[]): SwapRequest {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      stack: { type: "string" },
      archive: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      apply: { type: "boolean", default: false },
    },
  });
  const settings = positionals.map((text): [string, string] => {
    const [path = "", ...value] = text.split("=");
    if (!path || value.length === 0) throw new Error(`${text} is not path=value\n${USAGE}`);
    return [path.replace(/^integraviz:/, ""), value.join("=")];
  });
  const { stack, archive, verbose, apply } = values;
  if (!stack || settings.length === 0) throw new Error(USAGE);
  for (const [path] of settings)
    if (isSecretAt(settingsSchema, path.split(".")))
      throw new Error(
        `integraviz:${path} is a secret, which does not belong on a command line.\n  fix: pulumi config set -s ${stack} --secret --path integraviz:${path}, and then this without it`,
      );
  return { stack, settings, archive, verbose, apply };
}

/** Exit code: 0 shown or applied, 1 refused or impossible. */
export function swap(request: SwapRequest, print: (text: string) => void): number {
  const { stack, verbose, apply } = request;
  const config = resolve("stacks", `Pulumi.${stack}.yaml`);
  const folder = mkdtempSync(join(tmpdir(), "integraviz-swap-"));
  try {
    const copy = join(folder, "config.yaml");
    copyFileSync(config, copy);
    const storage = pulumi("config", "get", "-s", stack, "--path", "integraviz:storage.kind");
    const settings = withArchive(request, storage);
    write(stack, settings, copy);
    const radius = preview(stack, copy);
    print(report(radius, settings, verbose));
    const lost = radius.atRisk.length > 0;
    if (radius.failed && !lost) return 1;
    if (lost) {
      print(wayRound(request, storage));
      return 1;
    }
    if (!apply) return 0;
    write(stack, settings, config);
    print(`\nWritten to ${config}. Next: pulumi up -s ${stack}`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function withArchive({ settings, archive }: SwapRequest, storage: string): [string, string][] {
  return archive ? [...settings, ["archive.kind", storage]] : settings;
}

function write(stack: string, settings: [string, string][], file: string): void {
  for (const [path, value] of settings)
    pulumi("config", "set", "-s", stack, "--config-file", file, "--path", `integraviz:${path}`, value);
}

function preview(stack: string, file: string): BlastRadius {
  // Not `preview -c`, which would keep what it was given.
  const { stdout, stderr } = spawnSync(
    "pulumi",
    ["preview", "-s", stack, "--config-file", file, "--json", "--show-sames", "--non-interactive", "--color", "never"],
    { encoding: "utf8", maxBuffer: 256 * 1024 * 1024 },
  );
  const start = stdout.indexOf("{");
  if (start < 0) throw new Error(stderr || stdout);
  return blastRadius(JSON.parse(stdout.slice(start, stdout.lastIndexOf("}") + 1)) as Preview);
}

function wayRound({ stack, settings, archive }: SwapRequest, storage: string): string {
  const chosen = settings.findLast(([path]) => path === "storage.kind")?.[1] ?? storage;
  if (chosen === storage)
    return `\n${[
      `REFUSED: events would be lost. The storage would move, and stays ${storage}: an archive keeps one of another kind only.`,
      "Put it up as a stack of its own, and move over:",
      `  pulumi stack init NEW --copy-config-from ${stack}, these settings with pulumi config set -s NEW --path, and pulumi up -s NEW`,
      "  trainers to the url and token of NEW",
      "  npm run copy -- --from URL --to URL   (each with its writer's login; proves that all events are there)",
    ].join("\n")}`;
  const given = settings.map(([path, value]) => `${path}=${value}`).join(" ");
  const lines = archive
    ? ["Even with the archive, stores that hold events would be deleted."]
    : [
        "REFUSED: events would be lost. Keep the old storage beside the new one while they are copied:",
        `  npm run swap -- --stack ${stack} ${given} --archive --apply`,
        `  pulumi up -s ${stack}`,
        `  npm run copy -- --from ${stack}:archive --to ${stack}   (from ${storage} to the new one; proves that all events are there)`,
        `  pulumi config rm -s ${stack} integraviz:archive, then unprotect what is left of ${storage}: it stays where it is, and docs/deploy.md says how to come back to it`,
      ];
  return `\n${lines.join("\n")}`;
}

function pulumi(...args: string[]): string {
  return execFileSync("pulumi", [...args, "--non-interactive"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    process.exitCode = swap(readRequest(process.argv.slice(2)), (text) => console.log(text));
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    console.error(stderr?.trim() || message);
    process.exitCode = 1;
  }
}
