import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Mistake } from "../mistake.ts";
import { askPulumi, runPulumi } from "../pulumi.ts";
import { type BlastRadius, blastRadius, type Preview } from "./blast-radius.ts";
import type { Setting } from "./settings.ts";

export interface SwapRequest {
  stack: string;
  settings: Setting[];
  /** Keeps the storage there is beside the new one. */
  archive: boolean;
  /** Writes the settings where no data is at risk. */
  apply: boolean;
}

export interface Swapped {
  /** What was tried: the request's settings, and the archive's. */
  settings: Setting[];
  radius: BlastRadius;
  /** Refused, since events would be lost: the storage that holds them. */
  lost: { storage: string } | undefined;
  /** The file that was changed, where one was. */
  written: string | undefined;
}

/**
 * Previews a change of configuration on a temporary copy of it. Changes nothing unless told to, and
 * never what would lose events.
 */
export async function swap(request: SwapRequest): Promise<Swapped> {
  const { stack, apply } = request;
  const config = resolve("stacks", `Pulumi.${stack}.yaml`);
  if (!existsSync(config))
    throw new Mistake(`--stack ${stack}: there is no ${config}. Run this in the folder of Pulumi.yaml.`);
  const folder = mkdtempSync(join(tmpdir(), "integraviz-swap-"));
  try {
    const copy = join(folder, "config.yaml");
    copyFileSync(config, copy);
    const storage = await askPulumi("config", "get", "-s", stack, "--path", "integraviz:storage.kind");
    const settings: Setting[] = request.archive ? [...request.settings, ["archive.kind", storage]] : request.settings;
    await write(stack, settings, copy);
    const radius = await preview(stack, copy);
    const lost = radius.atRisk.length > 0 ? { storage } : undefined;
    const isWritten = apply && lost === undefined && radius.failed === undefined;
    if (isWritten) await write(stack, settings, config);
    return { settings, radius, lost, written: isWritten ? config : undefined };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function write(stack: string, settings: Setting[], file: string): Promise<void> {
  for (const [path, value] of settings)
    await askPulumi("config", "set", "-s", stack, "--config-file", file, "--path", `integraviz:${path}`, value);
}

async function preview(stack: string, file: string): Promise<BlastRadius> {
  // Not `preview -c`, which would keep what it was given.
  const args = ["preview", "-s", stack, "--config-file", file, "--json", "--show-sames", "--color", "never"];
  const { stdout, stderr } = await runPulumi(args);
  const start = stdout.indexOf("{");
  if (start < 0) throw new Mistake(stderr || stdout);
  return blastRadius(JSON.parse(stdout.slice(start, stdout.lastIndexOf("}") + 1)) as Preview);
}
