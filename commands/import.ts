import { existsSync } from "node:fs";
import type { Event } from "../functions/event/event.ts";
import { openAddress, STORES } from "../operations/addresses/store-address.ts";
import { readEvent } from "../operations/files/event-fields.ts";
import { type FileFormat, formatOf } from "../operations/files/file-formats.ts";
import { type Command, runCommand } from "./terminal/command.ts";
import { Mistake } from "./terminal/mistake.ts";
import { progressBar } from "./terminal/progress-bar.ts";

const command: Command = {
  positionals: true,
  help: `
npm run import -- --to STORE FILE

Appends the events of a file that npm run export wrote, or one like it. All of it is checked before any of it is
stored, and done again it stores nothing twice.

  FILE              its ending says the format: .parquet, .csv or .jsonl
  --to STORE        the target
  --format FORMAT   parquet, csv or jsonl, whatever the ending is
${STORES}
`,
  options: { to: { type: "string" }, format: { type: "string" } },
  async run({ values, positionals: [file, ...more] }) {
    if (file === undefined || more.length > 0) throw new Mistake("Name one file, such as events.parquet.");
    if (!existsSync(file)) throw new Mistake(`There is no file ${file}.`);
    const format = formatOf(file, values.format as string | undefined);
    const { name, store } = await openAddress(values.to as string | undefined, "--to");
    const bar = progressBar(process.stderr);
    try {
      let total = 0;
      for await (const events of eventsIn(format, file)) {
        total += events.length;
        bar.at(0, total, "checking");
      }
      const found = { done: 0, accepted: 0, duplicates: 0, conflicts: 0, purged: 0 };
      for await (const events of eventsIn(format, file)) {
        const { accepted, duplicates, conflicts, purged = [] } = await store.append(events);
        found.done += events.length;
        found.accepted += accepted;
        found.duplicates += duplicates;
        found.conflicts += conflicts.length;
        found.purged += purged.length;
        bar.at(found.done, total, "importing");
      }
      const { accepted, duplicates, conflicts, purged } = found;
      bar.say(
        `${total.toLocaleString("en")} events of ${file}: ${accepted} are new in ${name}, ${duplicates} were there, ${conflicts} stand there with another body and stayed so, ${purged} are of runs that were purged there and were not stored.`,
      );
      return conflicts + purged === 0 ? 0 : 1;
    } finally {
      await store.close();
    }
  },
};

async function* eventsIn(format: FileFormat, file: string): AsyncGenerator<Event[]> {
  try {
    for await (const page of format.read(file)) yield page.map(({ fields, source }) => readEvent(fields, source));
  } catch (error) {
    // DuckDB says over many lines what the first says.
    throw new Mistake(`${file}: ${(error as Error).message.split("\n")[0]}`);
  }
}

await runCommand(command);
