/** `npm run purge`: erases runs for good. The owner's command: no token can do it. */
import { userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { readName, readProject } from "../functions/event/values.ts";
import { openPurge, type PurgeOrder, type PurgeTarget } from "../functions/stores/postgres/purge.ts";
import { ownerUrl } from "../operations/addresses/owner-url.ts";
import { barOf } from "./terminal/progress.ts";

const HELP = `npm run purge -- --project NAME [options]

Erases runs for good: their events and all that is derived of them. What stays of a run is one event, of kind purge,
that says who erased it, when, why and how much; events that are sent later are not stored, and the answer says so.

  --project NAME     the project
  --run ID           one run of it (default: all)
  --older-than 90d   only runs whose last event came longer ago
  --reason TEXT      why; kept with the tombstone
  --actor NAME       who; kept with it too (default: your user name)
  --dry-run          only shows what would go
  --yes              does not ask
  --data DIR         the data folder of npm start, which must be running (default .integraviz)
  --url URL          or the owner's login to another PostgreSQL
  --help             this text
`;

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    options: {
      project: text,
      run: text,
      "older-than": text,
      reason: text,
      actor: text,
      url: text,
      data: { ...text, default: ".integraviz" },
      "dry-run": flag,
      yes: flag,
      help: flag,
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (values.project === undefined) throw new Error(`--project is missing: name the project.\n\n${HELP}`);
  const age = values["older-than"];
  const order: PurgeOrder = {
    project: readProject(values.project, "--project"),
    run: values.run === undefined ? undefined : readName(values.run, "--run"),
    olderThanDays: age === undefined ? undefined : days(age),
    actor: values.actor ?? userInfo().username,
    reason: values.reason ?? (age === undefined ? "erased on request" : `older than ${age}`),
  };
  const purge = await openPurge(ownerUrl(values), order);
  try {
    const targets = await purge.targets();
    show(order.project, targets);
    if (targets.length === 0 || values["dry-run"]) return 0;
    if (!values.yes && !(await agreed(order.project))) return 1;
    const all = targets.reduce((sum, { events }) => sum + events, 0);
    let before = 0;
    for (const target of targets) {
      await purge.erase(target, (gone) => draw(before + gone, all));
      before += target.events;
    }
    draw(all, all);
    await purge.vacuum();
    console.log(`${process.stderr.isTTY ? "\n" : ""}Gone: ${amount(targets)}. A tombstone stays for each run.`);
    return 0;
  } finally {
    await purge.close();
  }
}

function days(text: string): number {
  const count = /^([1-9]\d{0,4})d$/.exec(text)?.[1];
  if (count === undefined) throw new Error(`--older-than ${text}: give a whole number of days, such as 90d.`);
  return Number(count);
}

function show(project: string, targets: readonly PurgeTarget[]): void {
  for (const { run, events, last_event_at } of targets)
    console.log(`${run}  ${events} events, the last at ${last_event_at.slice(0, 19)}Z`);
  console.log(targets.length === 0 ? `Nothing to erase in project ${project}.` : `In all ${amount(targets)}.`);
}

function amount(targets: readonly PurgeTarget[]): string {
  return `${targets.length} runs, ${targets.reduce((sum, { events }) => sum + events, 0)} events`;
}

async function agreed(project: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error("Nobody is here to ask. Look with --dry-run, then give --yes.");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`They cannot be brought back. Type the project's name to erase them: `);
  terminal.close();
  if (answer.trim() === project) return true;
  console.log("Nothing was erased.");
  return false;
}

function draw(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${barOf(done, all)} events`);
}
