import { execFile } from "node:child_process";
import { Mistake } from "./mistake.ts";

const MOST_BYTES = 256 * 1024 * 1024;

/** What a run of the Pulumi CLI printed. */
export interface PulumiAnswer {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the Pulumi CLI. Rejects with `missing` where there is none. */
export function runPulumi(args: string[], missing = noPulumi()): Promise<PulumiAnswer> {
  return new Promise((resolve, reject) => {
    execFile("pulumi", [...args, "--non-interactive"], { maxBuffer: MOST_BYTES }, (error, stdout, stderr) => {
      if (error?.code === "ENOENT") reject(missing);
      else resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** Runs the Pulumi CLI and returns what it printed. Rejects with what it says where it fails. */
export async function askPulumi(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runPulumi(args);
  if (code !== 0) throw new Mistake(`pulumi ${args.slice(0, 2).join(" ")}: ${stderr.trim() || stdout.trim()}`);
  return stdout.trim();
}

/**
 * Makes the mistake of having no Pulumi CLI.
 * @param source what asked for it, such as `--stack aws`
 * @param instead what else to do
 */
export function noPulumi(source?: string, instead?: string): Mistake {
  const [before, after] = [source === undefined ? "" : `${source}: `, instead === undefined ? "" : `, or ${instead}`];
  return new Mistake(
    `${before}there is no pulumi on the PATH. Install it (https://www.pulumi.com/docs/install)${after}.`,
  );
}
