import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { Refusal } from "../../functions/refusals/refusal.ts";
import { missingPackage } from "./missing-package.ts";

/**
 * Runs the command that the arguments name. Bad input is one line on stderr and exit code 1; so is
 * every other error, with its stack where INTEGRAVIZ_DEBUG is set.
 */
export async function run(program: CommandUnknownOpts, args: string[]): Promise<void> {
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // Help and version are "errors" with exit code 0, and commander has printed what it refuses.
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else fail(error);
  }
}

/** Makes a program and its commands answer errors in one line and leave the exit to `run`. */
export function prepare(program: CommandUnknownOpts): void {
  program.exitOverride();
  program.configureOutput({
    // A suggestion comes on a line of its own.
    outputError: (text, write) => write(text.replace(/\n\(/g, " (")),
  });
  for (const command of program.commands) command.copyInheritedSettings(program);
}

/** Prints an error as one line, a refusal with its code, and sets exit code 1. */
export function fail(error: unknown): void {
  const { message, stack } = error as Error;
  const fix = error instanceof Refusal && error.details.fix !== undefined ? ` ${error.details.fix}` : "";
  const code = error instanceof Refusal ? ` (${error.code})` : "";
  const text = missingPackage(error) ?? `${message}${fix}${code}`;
  console.error(process.env.INTEGRAVIZ_DEBUG ? stack : `error: ${text}`);
  process.exitCode = 1;
}
