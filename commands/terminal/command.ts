import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Refusal } from "../../functions/refusals/refusal.ts";

/** A command of the command line: its text for --help, what it takes and what it does. */
export interface Command {
  help: string;
  options: NonNullable<ParseArgsConfig["options"]>;
  /** Gives the exit code. */
  run(given: { values: Record<string, unknown>; positionals: string[] }): Promise<number>;
  positionals?: boolean;
}

/** Runs a command on this process's arguments; an error is one line and exit code 1. */
export async function runCommand({ help, options, run, positionals = false }: Command): Promise<void> {
  try {
    const given = parseArgs({
      options: { ...options, help: { type: "boolean", default: false } },
      allowPositionals: positionals,
    });
    if (given.values.help) console.log(help.trim());
    else process.exitCode = await run(given);
  } catch (error) {
    const { message, details } = error as Error & Partial<Refusal>;
    console.error(`${message}${details?.fix === undefined ? "" : ` ${details.fix}`}\n(--help says what there is.)`);
    process.exitCode = 1;
  }
}
