import { Command } from "@commander-js/extra-typings";
import { manifest } from "./terminal/missing-package.ts";
import { prepare } from "./terminal/run.ts";

/** Every command, by the groups and in the order of the help. */
const COMMANDS = {
  "On this machine:": {
    start: async () => (await import("./start.ts")).start,
    train: async () => (await import("./train.ts")).train,
    token: async () => (await import("./token.ts")).token,
    backup: async () => (await import("./backup.ts")).backup,
    restore: async () => (await import("./restore.ts")).restore,
  },
  "Of a store:": {
    export: async () => (await import("./export.ts")).exportCommand,
    import: async () => (await import("./import.ts")).importCommand,
    copy: async () => (await import("./copy.ts")).copy,
    access: async () => (await import("./access.ts")).access,
    dashboards: async () => (await import("./dashboards.ts")).dashboards,
    purge: async () => (await import("./purge.ts")).purge,
  },
  "Of a deployed stack:": {
    swap: async () => (await import("./swap.ts")).swap,
    cost: async () => (await import("./cost.ts")).cost,
  },
};

/**
 * Creates the program with the command of that name alone, so that no other is read; else with
 * all.
 */
export async function createProgram(name?: string): Promise<Command> {
  const program = new Command("integraviz")
    .description("What happens in a training run, while it happens, in your own SQL store and on a live page.")
    .version(manifest().version, "-V, --version", "print the version")
    .addHelpText(
      "after",
      `
integraviz <command> --help has the options and examples of a command.
Environment: INTEGRAVIZ_DATA names the data folder; INTEGRAVIZ_DEBUG=1 prints the stack of an error.`,
    );
  const isNamed = Object.values(COMMANDS).some((group) => name !== undefined && Object.hasOwn(group, name));
  for (const [heading, group] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading);
    for (const [each, load] of Object.entries(group))
      if (!isNamed || each === name) program.addCommand((await load()) as Command);
  }
  prepare(program);
  return program;
}
