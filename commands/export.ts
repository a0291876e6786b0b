import { Command, Option } from "@commander-js/extra-typings";
import { readName, readProject } from "../functions/event/values.ts";
import { examples, formatOption, jsonOption, printJson } from "./terminal/options.ts";
import { progressBar } from "./terminal/progress-bar.ts";
import { STORES, storeOption } from "./terminal/store-names.ts";

// `export` is a word of the language.
export const exportCommand = new Command("export")
  .summary("write the events of a store to a file")
  .description("Writes the events of a store to a file that integraviz import, DuckDB, pandas and others read.")
  .argument("<file>", "its ending says the format: .parquet, .csv or .jsonl")
  .addOption(storeOption("--from <store>", "the source"))
  .addOption(formatOption())
  .addOption(
    new Option("--project <name>", "only this project").argParser((text) => readProject(text, "--project") as string),
  )
  .addOption(new Option("--run <id>", "only this run of it").argParser((text) => readName(text, "--run") as string))
  .option("--force", "write over a file that is there")
  .addOption(jsonOption())
  .addHelpText("after", STORES)
  .addHelpText(
    "after",
    examples(
      ["integraviz export events.parquet", "all that this machine holds"],
      ["integraviz export --from aws --project mnist --run r1 r1.csv", "one run of a deployed stack"],
    ),
  )
  .action(async (file, { from, format: named, project, run, force = false, json }) => {
    const { Mistake } = await import("../operations/mistake.ts");
    if (run !== undefined && project === undefined)
      throw new Mistake("--run needs --project: a run is named within one.");
    const { checkTarget, exportEvents } = await import("../operations/files/export.ts");
    const { findFormat } = await import("../operations/files/file-formats.ts");
    const { openAddress } = await import("../operations/addresses/store-address.ts");
    checkTarget({ file, force });
    const format = await findFormat(file, named);
    const { name, store } = await openAddress(from, "--from");
    try {
      const bar = progressBar(process.stderr);
      const { events, bytes } = await exportEvents(store, { file, format, project, run }, bar.at);
      bar.clear();
      if (json) printJson({ from: name, file, events, bytes });
      else
        console.log(
          `${events.toLocaleString("en")} events of ${name} are in ${file} (${(bytes / 1e6).toFixed(1)} MB).`,
        );
    } finally {
      await store.close();
    }
  });
