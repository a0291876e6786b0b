import { Command } from "@commander-js/extra-typings";
import { examples, jsonOption, printJson } from "./terminal/options.ts";
import { someText } from "./terminal/values.ts";

export const swap = new Command("swap")
  .summary("show what a change of a stack's configuration would do")
  .description(
    "Shows what a change of configuration would do to a stack, from a temporary copy of it: which resources stay, change, come and go, and what data is at risk. Nothing is changed without --apply, and what would lose events is refused, with the way round it.",
  )
  .argument("<setting...>", "path=value, such as storage.kind=bigquery")
  .requiredOption("--stack <name>", "the stack", someText)
  .option("--archive", "keep the storage there is beside the new one")
  .option("--verbose", "list what stays as it is, too")
  .option("--apply", "write the settings to the stack's file, unless data is at risk")
  .addOption(jsonOption())
  .addHelpText(
    "after",
    examples(
      ["integraviz swap --stack aws visualizer.kind=superset visualizer.superset.host=aws", "another visualizer"],
      ["integraviz swap --stack aws storage.kind=bigquery --archive --apply", "another storage, beside the old one"],
    ),
  )
  .action(async (texts, { stack, archive = false, verbose = false, apply = false, json }) => {
    const { readSettings } = await import("../operations/swap/settings.ts");
    const { swap } = await import("../operations/swap/swap.ts");
    const { report } = await import("../operations/swap/blast-radius.ts");
    const { wayRound } = await import("../operations/swap/way-round.ts");
    const request = { stack, settings: readSettings(texts, stack), archive, apply };
    const { settings, radius, lost, written } = await swap(request);
    const way = lost && wayRound(request, lost.storage);
    if (json)
      printJson({ settings: Object.fromEntries(settings), ...radius, refused: way ?? null, written: written ?? null });
    else {
      console.log(report(radius, settings, verbose));
      if (way !== undefined) console.log(`\n${way}`);
      if (written !== undefined) console.log(`\nWritten to ${written}. Next: pulumi up -s ${stack}`);
    }
    if (lost !== undefined || radius.failed !== undefined) process.exitCode = 1;
  });
