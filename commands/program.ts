import { Command } from "@commander-js/extra-typings";
import { access } from "./access.ts";
import { backup } from "./backup.ts";
import { copy } from "./copy.ts";
import { cost } from "./cost.ts";
import { dashboards } from "./dashboards.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { purge } from "./purge.ts";
import { restore } from "./restore.ts";
import { start } from "./start.ts";
import { swap } from "./swap.ts";
import { manifest } from "./terminal/missing-package.ts";
import { prepare } from "./terminal/run.ts";
import { token } from "./token.ts";
import { train } from "./train.ts";

/** The program with all its commands, in the order of its help. */
export const program = new Command("integraviz")
  .description("What happens in a training run, while it happens, in your own SQL store and on a live page.")
  .version(manifest().version, "-V, --version", "print the version")
  .commandsGroup("On this machine:")
  .addCommand(start)
  .addCommand(train)
  .addCommand(token)
  .addCommand(backup)
  .addCommand(restore)
  .commandsGroup("Of a store:")
  .addCommand(exportCommand)
  .addCommand(importCommand)
  .addCommand(copy)
  .addCommand(access)
  .addCommand(dashboards)
  .addCommand(purge)
  .commandsGroup("Of a deployed stack:")
  .addCommand(swap)
  .addCommand(cost)
  .addHelpText(
    "after",
    `
integraviz <command> --help has the options and examples of a command.
Environment: INTEGRAVIZ_DATA names the data folder; INTEGRAVIZ_DEBUG=1 prints the stack of an error.`,
  );
prepare(program);
