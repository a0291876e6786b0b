import { writeFileSync } from "node:fs";
import { Command, Option } from "@commander-js/extra-typings";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { progressBar } from "./terminal/progress-bar.ts";
import { STORES } from "./terminal/store-names.ts";
import { someText } from "./terminal/values.ts";

export const copy = new Command("copy")
  .summary("copy all events of a store to another, with proof")
  .description(
    "Copies all events of one store to another and proves that they are all there, by count and hash of every run and every metric. Runs may go on being written meanwhile. A copy that was stopped goes on where it was; done again, it copies what is new.",
  )
  .requiredOption("--from <store>", "the source", someText)
  .requiredOption("--to <store>", "the target", someText)
  .addOption(new Option("--report <file>", "write what was found as JSON to a file, too").argParser(someText))
  .option("--restart", "begin at the beginning again")
  .addOption(dataOption("folder that keeps how far a copy came"))
  .addOption(jsonOption("print counts and hashes of every run and metric in both as JSON"))
  .addHelpText("after", STORES)
  .addHelpText(
    "after",
    examples(
      ["integraviz copy --from .integraviz --to postgres://writer:...@db/events", "from this machine to a server"],
      ["integraviz copy --from mixed:archive --to mixed", "after a swap, from the old storage to the new one"],
    ),
  )
  .action(async ({ from: source, to: target, report: file, restart, data, json }) => {
    const { openAddress } = await import("../operations/addresses/store-address.ts");
    const { openCheckpoint } = await import("../operations/copy/checkpoint.ts");
    const { copyReportText, copyStore } = await import("../operations/copy/copy-store.ts");
    const { isProved } = await import("../operations/copy/verify.ts");
    const from = await openAddress(source, "--from");
    try {
      const to = await openAddress(target, "--to");
      try {
        const bar = progressBar(process.stderr);
        const checkpoint = openCheckpoint(data, from.name, to.name);
        if (restart) checkpoint.remove();
        else if (checkpoint.read() !== null) bar.say(`Going on from where ${checkpoint.file} says the last copy was.`);
        const report = await copyStore(from, to, checkpoint, bar.at);
        bar.clear();
        if (json) printJson(report);
        else console.log(copyReportText(report));
        if (file !== undefined) writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
        process.exitCode = isProved(report) ? 0 : 1;
      } finally {
        await to.store.close();
      }
    } finally {
      await from.store.close();
    }
  });
