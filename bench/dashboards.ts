import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import pg from "pg";
import { median } from "./ask.ts";
import { fillEpochs, METRICS, openNarrowParquet, RUNS } from "./dashboard-runs.ts";
import { runStack } from "./processes.ts";
import { print, publish, round } from "./results.ts";
import { untilSealed } from "./sealed.ts";

const HELP = `npm run bench -- dashboards [options]

Asks every query that Superset sends for the shipped dashboards, of PostgreSQL and of DuckDB over Parquet.

  --epochs N       epochs of each of the ${RUNS} runs (default 10000)
  --repeats N      how often each is asked (default 9)
  --queries FILE   other queries, by panel, as JSON
  --save FILE      write the medians there, as JSON
  --before FILE    those of an older build, for two columns more
  --help

bench/results/dashboards.md is written where the queries and the epochs are the default's.`;

const RECORDED = new URL("../test/dashboards/superset/golden/queries.json", import.meta.url);
const EPOCHS = "10000";
/** Whatever DuckDB does, this is quick enough. */
const FLOOR_MS = 50;
/** What takes longer is asked once. */
const SLOW_MS = 3_000;

export async function dashboards(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      epochs: { type: "string", default: EPOCHS },
      repeats: { type: "string", default: "9" },
      queries: { type: "string" },
      save: { type: "string" },
      before: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const [epochs, repeats] = [wholeNumber("epochs", values.epochs), wholeNumber("repeats", values.repeats)];
  const queries = JSON.parse(readFileSync(values.queries ?? RECORDED, "utf8")) as Record<string, string>;
  const before = values.before && (JSON.parse(await readFile(values.before, "utf8")) as Record<string, number>);
  const data = await mkdtemp(join(tmpdir(), "integraviz-bench-"));
  const stack = await runStack({ data });
  const duck = await openNarrowParquet(data, epochs);
  const reader = new pg.Client({ connectionString: stack.endpoint.sql });
  const ours: Record<string, number> = {};
  const rows: Record<string, string | number>[] = [];
  try {
    const took = await fillEpochs(stack.endpoint, epochs);
    await untilSealed(stack.writerUrl);
    await reader.connect();
    for (const [panel, sql] of Object.entries(queries)) {
      const once = async () => {
        const begun = performance.now();
        await reader.query(sql);
        return performance.now() - begun;
      };
      const [mine, theirs] = [await p50(repeats, once), await p50(repeats, () => duck.time(sql))];
      const limit = Math.max(2 * theirs, FLOOR_MS);
      ours[panel] = round(mine, 1);
      rows.push({
        panel,
        "ours ms": round(mine, 1),
        "DuckDB ms": round(theirs, 1),
        ratio: round(mine / theirs),
        "of limit": round(mine / limit),
        ...(before ? compared(before[panel], mine) : {}),
      });
      console.log(JSON.stringify(rows.at(-1)));
    }
    if (values.save !== undefined) await writeFile(values.save, JSON.stringify(ours, null, 2));
    const remarks = [
      "The queries are those that Superset 6.1 answered with when it was asked for each panel and the values of each filter (test/dashboards/superset/real.test.ts keeps them). DuckDB is asked the same text of views of one narrow Parquet file, in the process that measures. The limit is twice DuckDB or 50 ms, whichever is larger.",
      `Filling: ${Math.round((RUNS * epochs) / took)} events/s.`,
    ];
    const question = `What does a look at the shipped dashboards cost? ${RUNS} runs of ${epochs} epochs and ${METRICS} metrics (${(RUNS * epochs * METRICS) / 1e6} million points), nothing chosen above the panels; warm medians of ${repeats}, as PostgreSQL's reader.`;
    if (values.queries === undefined && values.epochs === EPOCHS) publish("dashboards", question, rows, remarks);
    else print(rows, remarks);
  } finally {
    await reader.end();
    duck.close();
    await stack.stop();
    await rm(data, { recursive: true, force: true });
  }
}

/** After one that fills the caches, unless that took so long that it counts itself. */
async function p50(repeats: number, once: () => Promise<number>): Promise<number> {
  const first = await once();
  return first > SLOW_MS ? first : median(repeats, once);
}

function compared(before: number | undefined, now: number): Record<string, string | number> {
  return before === undefined
    ? { "before ms": "", "times faster": "" }
    : { "before ms": before, "times faster": round(before / now, 1) };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${text}: give a whole number.`);
  return value;
}
