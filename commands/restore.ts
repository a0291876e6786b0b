import { Command } from "@commander-js/extra-typings";
import { untilInterrupted } from "./terminal/interrupted.ts";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { progressBar } from "./terminal/progress-bar.ts";

export const restore = new Command("restore")
  .summary("make a data folder of a backup")
  .description(
    "Makes a data folder of a file that integraviz backup wrote, by whatever version of PostgreSQL. The file is checked before anything is made of it, and what was made is compared with it, run by run; then the folder is there, whole or not at all.",
  )
  .argument("<file>", "what integraviz backup wrote")
  .addOption(dataOption("the folder to make; one that holds anything is not written over"))
  .addOption(jsonOption())
  .addHelpText("after", examples(["integraviz restore --data ~/restored runs.backup", "into a folder of its own"]))
  .action(async (file, { data, json }) => {
    const { restore: make } = await import("../operations/backup/restore.ts");
    const bar = progressBar(process.stderr);
    const done = await make({ file, data }, untilInterrupted(bar.at)).finally(bar.clear);
    if (json) return printJson({ file, data, ...done });
    const { events, runs, hash } = done;
    console.log(
      `${events.toLocaleString("en")} events of ${runs.toLocaleString("en")} runs are in ${data}, compared with ${file}: ${hash}. Start it with integraviz start --data ${data}.`,
    );
  });
