#!/usr/bin/env node
/** `integraviz <command>`: lists the commands, and runs the one that is named. */
import { createProgram } from "./program.ts";
import { run } from "./terminal/run.ts";

// Whoever reads may have read enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
const args = process.argv.slice(2);
await run(await createProgram(args[0]), args);
