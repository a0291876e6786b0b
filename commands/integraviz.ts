#!/usr/bin/env node
/** `integraviz <command>`: lists the commands, and runs the one that is named. */
import { program } from "./program.ts";
import { run } from "./terminal/run.ts";

await run(program, process.argv.slice(2));
