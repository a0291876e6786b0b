import { Command } from "@commander-js/extra-typings";
import { examples, formatOption, jsonOption, printJson } from "./terminal/options.ts";
import { progressBar } from "./terminal/progress-bar.ts";
import { STORES, storeOption } from "./terminal/store-names.ts";

// `import` is a word of the language.
export const importCommand = new Command("import")
  .summary("append the events of a file to a store")
  .description(
    "Appends the events of a file that integraviz export wrote, or one like it. All of it is checked before any of it is stored, and done again it stores nothing twice. Exit code 1 where some were not stored.",
  )
  .argument("<file>", "its ending says the format: .parquet, .csv or .jsonl")
  .addOption(storeOption("--to <store>", "the target"))
  .addOption(formatOption())
  .addOption(jsonOption())
  .addHelpText("after", STORES)
  .addHelpText(
    "after",
    examples(
      ["integraviz import events.parquet", "into the store on this machine"],
      ["integraviz import --to aws --format jsonl events.log", "into a deployed stack's"],
    ),
  )
  .action(async (file, { to, format: named, json }) => {
    const { checkSource, importEvents } = await import("../operations/files/import.ts");
    const { findFormat } = await import("../operations/files/file-formats.ts");
    const { openAddress } = await import("../operations/addresses/store-address.ts");
    checkSource(file);
    const format = await findFormat(file, named);
    const { name, store } = await openAddress(to, "--to");
    try {
      const bar = progressBar(process.stderr);
      const found = await importEvents(store, { file, format }, bar.at);
      const { events, accepted, duplicates, conflicts, purged } = found;
      bar.clear();
      if (json) printJson({ to: name, file, ...found });
      else
        console.log(
          `${events.toLocaleString("en")} events of ${file}: ${accepted} are new in ${name}, ${duplicates} were there, ${conflicts} stand there with another body and stayed so, ${purged} are of runs that were purged there and were not stored.`,
        );
      process.exitCode = conflicts + purged === 0 ? 0 : 1;
    } finally {
      await store.close();
    }
  });
