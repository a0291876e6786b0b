import { Command } from "@commander-js/extra-typings";
import { examples, jsonOption, printJson } from "./terminal/options.ts";
import { someText } from "./terminal/values.ts";

export const cost = new Command("cost")
  .summary("say what a stack costs")
  .description(
    "Says what a stack costs a month while nobody trains, what a million events add, and what runs out first. Reads the stack's file; needs no account, asks nobody and makes nothing.",
  )
  .requiredOption("--stack <name>", "the stack, of stacks/Pulumi.<name>.yaml", someText)
  .addOption(jsonOption())
  .addHelpText(
    "after",
    examples(
      ["integraviz cost --stack aws", "what the stack aws costs"],
      ["integraviz cost --stack aws --json", "the same for a program, each price with its source"],
    ),
  )
  .action(async ({ stack, json }) => {
    const { readStack } = await import("../operations/cost/stack.ts");
    const { madeBy } = await import("../operations/cost/made.ts");
    const { costOfMade, costText } = await import("../operations/cost/report.ts");
    const { prices, PRICES_DATE } = await import("../operations/cost/prices.ts");
    const { settings, config } = readStack(stack);
    const found = costOfMade(await madeBy(settings, config));
    if (json) printJson({ stack, ...found, prices: { date: PRICES_DATE, ...prices } });
    else console.log(costText(found));
  });
