import { RunError } from "@pulumi/pulumi";

/** An error that Pulumi shows as its message alone. */
export function mistake(message: string): RunError {
  const error = new RunError(message);
  // Pulumi never shows its stack, but formats it first: half a minute and gigabytes in a TypeScript
  // program.
  error.stack = message;
  return error;
}
