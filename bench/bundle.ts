import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { buildBundles } from "../functions/build/build.ts";
import { bundleSubjects } from "../test/functions/build/bundle-databases.ts";
import { NO_PYTHON } from "../test/stand-ins/python-server.ts";
import { preparePostgres, prepareWarehouse, type StartGroup } from "./bundle-starts.ts";
import { publish, round } from "./results.ts";

const QUESTION =
  "How large each function bundle is, and how long after Node's own start a fresh process has stored its first event, against a bundle of the plain driver that connects and inserts.";

const RUNS = 15;

/** Size of the bundles; medians of alternated starts, less that of `node -e 0`. */
export async function bundle(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "integraviz-bench-bundle-"));
  const open: { stop(): Promise<void> }[] = [];
  try {
    const built = await buildBundles(folder);
    const groups: StartGroup[] = [];
    for (const prepare of [preparePostgres, ...bundleSubjects.filter(({ isThere }) => isThere).map(prepareWarehouse)]) {
      const group = await prepare(built, folder);
      open.push(group);
      groups.push(group);
    }
    const starts = groups.flatMap((group) => [group.driver, ...group.bundles]);
    const times = new Map<string, Took[]>([["node", []], ...starts.map(({ name }) => [name, []] as [string, Took[]])]);
    // One round to warm the file cache, which is not counted.
    for (let turn = 0; turn <= RUNS; turn += 1) {
      const empty = await timed(SAY_CPU, {});
      if (turn > 0) times.get("node")?.push(empty);
      for (const { name, file, event, env } of starts) {
        const took = await timed(scriptOf(file, event()), env);
        if (turn > 0) times.get(name)?.push(took);
      }
    }
    const medianOf = (name: string, what: keyof Took) =>
      median((times.get(name) as Took[]).map((took) => took[what])) -
      median((times.get("node") as Took[]).map((took) => took[what]));
    const ratio = (name: string, driver: string, what: keyof Took) =>
      `${round(medianOf(name, what) / medianOf(driver, what), 2)} x`;
    const drivers = new Map(groups.flatMap(({ driver, bundles }) => bundles.map(({ name }) => [name, driver.name])));
    const rows = [...groups.map(({ driver }) => driver), ...built].map(({ name, bytes, gzipped }) => {
      const driver = drivers.get(name) ?? name;
      return {
        bundle: name,
        kB: round(bytes / 1000, 1),
        "gzip kB": round(gzipped / 1000, 1),
        ...(times.has(name)
          ? {
              "first event, ms": round(medianOf(name, "ms"), 0),
              "against the driver": ratio(name, driver, "ms"),
              "CPU, ms": round(medianOf(name, "cpuMs"), 0),
              "CPU against the driver": ratio(name, driver, "cpuMs"),
            }
          : {}),
      };
    });
    const own = (what: keyof Took) => round(median((times.get("node") as Took[]).map((took) => took[what])), 0);
    const absent = bundleSubjects.filter(({ isThere }) => !isThere).map(({ kind }) => kind);
    publish("bundle", QUESTION, rows, [
      `Node's own start (an empty script): ${own("ms")} ms, ${own("cpuMs")} ms of CPU, taken off all of these. Medians of ${RUNS} starts each, in turn, to the end of the process. The database is on the same machine, and in place of Snowflake and BigQuery a stand-in answers, whose own time is in the ms and not in the CPU. Each driver alone is bundled as ours is, without what the externals of its about.ts leave out.`,
      ...(absent.length > 0 ? [`Not started: ${absent.join(", ")}, which ${NO_PYTHON}.`] : []),
    ]);
  } finally {
    for (const one of open) await one.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const SAY_CPU = "const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);";

function scriptOf(file: string, event: unknown): string {
  return `const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)});
    const answer = await handler(${JSON.stringify(event)}, {});
    ${SAY_CPU}
    process.exit((answer?.statusCode ?? 200) === 200 && !answer?.batchItemFailures?.length ? 0 : 1);`;
}

interface Took {
  /** Until the process has ended, well. */
  ms: number;
  /** Of all its threads, which says more than the time on a machine that others use too. */
  cpuMs: number;
}

async function timed(script: string, env: Record<string, string>): Promise<Took> {
  const begun = performance.now();
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`A start ended with ${code}.`);
  return { ms: performance.now() - begun, cpuMs: Number(printed.trim().split("\n").at(-1)) };
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
