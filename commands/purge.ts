import { userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import { Command, Option } from "@commander-js/extra-typings";
import { readName, readProject } from "../functions/event/values.ts";
import type { Purge, PurgeTarget } from "../functions/stores/postgres/purge.ts";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { progressBar } from "./terminal/progress-bar.ts";
import { days, someText } from "./terminal/values.ts";

export const purge = new Command("purge")
  .summary("erase runs for good")
  .description(
    "Erases runs for good: their events and all that is derived of them. What stays of a run is one event, of kind purge, that says who erased it, when, why and how much; events that are sent later are not stored, and the answer says so. The owner's command: no token can do it.",
  )
  .requiredOption("--project <name>", "the project", (text) => readProject(text, "--project") as string)
  .addOption(
    new Option("--run <id>", "one run of it (default: all)").argParser((text) => readName(text, "--run") as string),
  )
  .addOption(
    new Option("--older-than <days>", "only runs whose last event came longer ago, such as 90d").argParser(days),
  )
  .addOption(new Option("--reason <text>", "why; kept with the tombstone").argParser(someText))
  .addOption(
    new Option("--actor <name>", "who; kept with it, too")
      .argParser(someText)
      .default(userInfo().username, "your user"),
  )
  .option("--dry-run", "only show what would go")
  .option("--yes", "do not ask")
  .addOption(dataOption("data folder of a running integraviz start"))
  .addOption(new Option("--url <url>", "or the owner's login to another PostgreSQL").argParser(someText))
  .addOption(jsonOption("print the runs as JSON; needs --dry-run or --yes"))
  .addHelpText(
    "after",
    examples(
      ["integraviz purge --project demo --older-than 90d --dry-run", "what would go"],
      ["integraviz purge --project demo --run r1 --reason 'asked for by Ann'", "one run"],
    ),
  )
  .action(async ({ project, run, olderThan, reason, actor, dryRun = false, yes = false, data, url, json }) => {
    const { ownerUrl } = await import("../operations/addresses/owner-url.ts");
    const { openPurge } = await import("../functions/stores/postgres/purge.ts");
    const why = reason ?? (olderThan === undefined ? "erased on request" : `older than ${olderThan}d`);
    const order = { project, run, olderThanDays: olderThan, actor, reason: why };
    const purge = await openPurge(ownerUrl({ url, data }), order);
    try {
      const targets = await purge.targets();
      if (!json) show(project, targets);
      const isWanted = !dryRun && targets.length > 0 && (yes || (await isConfirmed(project)));
      if (isWanted) await erase(purge, targets);
      if (json) printJson({ project, erased: isWanted, runs: targets });
      else if (isWanted) console.log(`Gone: ${amount(targets)}. A tombstone stays for each run.`);
      else if (!dryRun && targets.length > 0) process.exitCode = 1;
    } finally {
      await purge.close();
    }
  });

async function erase(purge: Purge, targets: readonly PurgeTarget[]): Promise<void> {
  const bar = progressBar(process.stderr);
  const total = eventsOf(targets);
  let done = 0;
  for (const target of targets) {
    await purge.erase(target, (gone) => bar.at(done + gone, total, "erasing"));
    done += target.events;
  }
  bar.clear();
  await purge.vacuum();
}

function show(project: string, targets: readonly PurgeTarget[]): void {
  for (const { run, events, last_event_at } of targets)
    console.log(`${run}  ${counted(events, "event")}, the last at ${last_event_at.slice(0, 19)}Z`);
  console.log(targets.length === 0 ? `Nothing to erase in project ${project}.` : `In all ${amount(targets)}.`);
}

const eventsOf = (targets: readonly PurgeTarget[]) => targets.reduce((sum, { events }) => sum + events, 0);
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
const amount = (targets: readonly PurgeTarget[]) =>
  `${counted(targets.length, "run")}, ${counted(eventsOf(targets), "event")}`;

async function isConfirmed(project: string): Promise<boolean> {
  const { Mistake } = await import("../operations/mistake.ts");
  if (!process.stdin.isTTY) throw new Mistake("Nobody is here to ask. Look with --dry-run, then give --yes.");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question("They cannot be brought back. Type the project's name to erase them: ");
  terminal.close();
  if (answer.trim() === project) return true;
  console.error("Nothing was erased.");
  return false;
}
