import { Command } from "@commander-js/extra-typings";
import { untilInterrupted } from "./terminal/interrupted.ts";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { progressBar } from "./terminal/progress-bar.ts";

export const backup = new Command("backup")
  .summary("write all of an installation on this machine to one file")
  .description(
    "Writes all that integraviz start keeps in its data folder to one file: every event, the tokens that were taken back, and the secrets, so that tokens stay good. It may run meanwhile. The file is read back and compared before it gets its name, and belongs to no version of PostgreSQL. Keep it like a password.",
  )
  .argument("<file>", "where to write it; one that is there is not written over")
  .addOption(dataOption("data folder of an integraviz start, running or not"))
  .addOption(jsonOption())
  .addHelpText(
    "after",
    examples(
      ["integraviz backup runs.backup", "all that this machine holds"],
      ["integraviz backup --data ~/runs runs.backup", "of another folder"],
    ),
  )
  .action(async (file, { data, json }) => {
    const { backUp } = await import("../operations/backup/backup.ts");
    const bar = progressBar(process.stderr);
    const done = await backUp({ data, file }, untilInterrupted(bar.at)).finally(bar.clear);
    if (json) return printJson({ data, file, ...done });
    const { events, runs, bytes, hash } = done;
    console.log(
      `${events.toLocaleString("en")} events of ${runs.toLocaleString("en")} runs are in ${file} (${(bytes / 1e6).toFixed(1)} MB), read back and compared: ${hash}.`,
    );
  });
