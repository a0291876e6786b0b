import { existsSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { readName, readProject } from "../functions/event/values.ts";
import type { LoggedEvent, LogPart, Store } from "../functions/stores/store.ts";
import { openAddress, STORES } from "../operations/addresses/store-address.ts";
import { logPages } from "../operations/copy/log-pages.ts";
import { formatOf } from "../operations/files/file-formats.ts";
import { type Command, runCommand } from "./terminal/command.ts";
import { Mistake } from "./terminal/mistake.ts";
import { type ProgressBar, progressBar } from "./terminal/progress-bar.ts";

const command: Command = {
  positionals: true,
  help: `
npm run export -- --from STORE FILE

Writes the events of a store to a file that npm run import, DuckDB, pandas and others read.

  FILE              its ending says the format: .parquet, .csv or .jsonl
  --from STORE      the source
  --format FORMAT   parquet, csv or jsonl, whatever the ending is
  --project NAME    of one project
  --run ID          of one run of it
  --force           writes over a file that is there
${STORES}
`,
  options: {
    from: { type: "string" },
    format: { type: "string" },
    project: { type: "string" },
    run: { type: "string" },
    force: { type: "boolean", default: false },
  },
  async run({ values, positionals: [file, ...more] }) {
    if (file === undefined || more.length > 0) throw new Mistake("Name one file, such as events.parquet.");
    if (existsSync(file) && values.force !== true)
      throw new Mistake(`${file} is there already. Use --force to write over it.`);
    const format = formatOf(file, values.format as string | undefined);
    const project = values.project === undefined ? undefined : readProject(values.project, "--project");
    const run = values.run === undefined ? undefined : readName(values.run, "--run");
    if (run !== undefined && project === undefined)
      throw new Mistake("--run needs --project: a run is named within one.");
    const { name, store } = await openAddress(values.from as string | undefined, "--from");
    const bar = progressBar(process.stderr);
    // Renamed when it is whole, so that half a file is never taken for one.
    const partial = `${file}.partial`;
    try {
      const part: LogPart = { after: null, before: await store.settled(), project, run };
      const total = await store.logSize(part);
      await format.write(partial, pagesOf(store, part, total, bar));
      await rename(partial, file);
      const { size } = await stat(file);
      bar.say(`${total.toLocaleString("en")} events of ${name} are in ${file} (${(size / 1e6).toFixed(1)} MB).`);
      return 0;
    } finally {
      await rm(partial, { force: true });
      await store.close();
    }
  },
};

async function* pagesOf(store: Store, part: LogPart, total: number, bar: ProgressBar): AsyncGenerator<LoggedEvent[]> {
  let done = 0;
  for await (const { events } of logPages(store, part)) {
    yield events;
    done += events.length;
    bar.at(done, total, "exporting");
  }
}

await runCommand(command);
