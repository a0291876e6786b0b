import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Event } from "../functions/event/event.ts";
import { openBigqueryStore } from "../functions/stores/bigquery/bigquery.ts";
import { migrate } from "../functions/stores/bigquery/migrate.ts";
import { openPostgresStore } from "../functions/stores/postgres/postgres.ts";
import type { Store } from "../functions/stores/store.ts";
import type { Verification } from "../operations/copy/verify.ts";
import { startBigquery } from "../test/stand-ins/bigquery-server.ts";
import { hasPython, NO_PYTHON } from "../test/stand-ins/python-server.ts";
import { runStack } from "./processes.ts";
import { publish } from "./results.ts";

const QUESTION =
  "Copying a log from PostgreSQL to another store and back, killed twice on the way there: is every event there, with equal counts and hashes of every run and metric? Seconds are those of npm run copy from its start to its end, with what the kills cost and with the proof, which reads both logs once more.";

const RUNS = 50;
const KILLS = 2;
const EVENTS_AN_APPEND = 1_000;

interface OpenStore {
  url: string;
  env: Record<string, string>;
  store: Store;
  close(): Promise<void>;
}

/** Ways that a copy takes from PostgreSQL, and back from there. The stand-in of BigQuery is a slow one. */
const WAYS: Record<string, { events: number; open: (folder: string) => Promise<OpenStore> }> = {
  PostgreSQL: { events: 1_000_000, open: openPostgres },
  ...(hasPython ? { "BigQuery (stand-in)": { events: 60_000, open: openBigquery } } : {}),
};

export async function copy(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "integraviz-bench-copy-"));
  const rows: Record<string, string | number>[] = [];
  const stores: OpenStore[] = [];
  const opened = async (opening: Promise<OpenStore>) => {
    const one = await opening;
    stores.unshift(one);
    return one;
  };
  try {
    for (const [name, { events, open }] of Object.entries(WAYS)) {
      const source = await opened(openPostgres());
      await fill(source.store, events);
      const way = await opened(open(folder));
      rows.push(await proved(`PostgreSQL to ${name}`, source, way, { events, kills: KILLS }));
      const back = await opened(openPostgres());
      rows.push(await proved(`${name} to PostgreSQL`, way, back, { events, kills: 0 }));
      for (const one of stores.splice(0)) await one.close();
    }
  } finally {
    for (const one of stores) await one.close();
    rmSync(folder, { recursive: true, force: true });
  }
  publish("copy", QUESTION, rows, hasPython ? [] : [`Without BigQuery: it ${NO_PYTHON}.`]);

  /** Copies everything, killed `kills` times on the way, and gives what its report says. */
  async function proved(
    way: string,
    from: OpenStore,
    to: OpenStore,
    { events, kills }: { events: number; kills: number },
  ) {
    const cwd = join(folder, way);
    mkdirSync(cwd, { recursive: true });
    let seconds = 0;
    for (let kill = 0; kill <= kills; kill++) {
      const begun = performance.now();
      const { child, ended } = start(cwd, from, to);
      if (kill < kills) {
        await reached(to.store, (events * (kill + 1)) / (kills + 1));
        child.kill("SIGKILL");
      }
      const code = await ended;
      seconds += (performance.now() - begun) / 1000;
      if (kill === kills && code !== 0) throw new Error(`${way}: npm run copy ended with ${code}.`);
      if (kill < kills && (await to.store.logSize({ after: null, before: await to.store.settled() })) >= events)
        throw new Error(`${way}: all was there before the kill.`);
    }
    const report = JSON.parse(readFileSync(join(cwd, "report.json"), "utf8")) as Verification;
    const unequal = report.runs.filter(({ source, target }) => JSON.stringify(source) !== JSON.stringify(target));
    const row = {
      way,
      killed: kills,
      events: report.events,
      "runs, metrics": `${report.runs.length}, ${report.metrics}`,
      seconds: Math.round(seconds),
      "events/s": Math.round(report.events / seconds),
      "hash of the source": report.hash.from,
      "of the target": report.hash.to,
      "runs or metrics that differ": unequal.length,
    };
    console.log(JSON.stringify(row));
    return row;
  }
}

function start(cwd: string, from: OpenStore, to: OpenStore) {
  const script = fileURLToPath(new URL("../commands/integraviz.ts", import.meta.url));
  const args = ["copy", "--from", from.url, "--to", to.url, "--report", "report.json"];
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script, ...args], {
    cwd,
    env: { ...process.env, ...from.env, ...to.env },
    stdio: "inherit",
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, ended };
}

async function reached(store: Store, events: number): Promise<void> {
  while ((await store.logSize({ after: null, before: await store.cursor() })) < events) await delay(500);
}

async function openPostgres(): Promise<OpenStore> {
  const stack = await runStack({ seals: false });
  const store = openPostgresStore({ writerUrl: stack.writerUrl, readerUrl: stack.writerUrl, seals: false });
  return {
    url: stack.writerUrl,
    env: {},
    store,
    async close() {
      await store.close();
      await stack.stop();
    },
  };
}

async function openBigquery(folder: string): Promise<OpenStore> {
  const { owner, writer, reader, stop } = await startBigquery();
  await migrate(owner);
  const store = openBigqueryStore({ writer, reader });
  const credentials = join(folder, "credentials.json");
  if (writer.auth.by === "key") writeFileSync(credentials, writer.auth.key);
  return {
    url: `bigquery://${writer.project}/${writer.dataset}?location=${writer.location}&endpoint=${writer.endpoint}`,
    env: { GOOGLE_APPLICATION_CREDENTIALS: credentials },
    store,
    async close() {
      await store.close();
      await stop();
    },
  };
}

/** Batches of runs in step, with five metrics each. */
async function fill(store: Store, events: number): Promise<void> {
  for (let first = 0; first < events; first += EVENTS_AN_APPEND) {
    const count = Math.min(EVENTS_AN_APPEND, events - first);
    await store.append(Array.from({ length: count }, (_, index) => benchEvent(first + index)));
  }
}

function benchEvent(n: number): Event {
  const step = Math.floor(n / RUNS);
  const noise = ((n * 7919) % 997) / 997;
  return {
    project: "bench",
    run: `run-${n % RUNS}`,
    id: `event-${n}`,
    writer: "",
    seq: n,
    kind: "on_train_batch_end",
    actor: null,
    epoch: Math.floor(step / 1_000),
    step,
    batch: step % 1_000,
    createdAt: 1_769_860_800_000_000 + n * 1_000,
    sentSkew: 3,
    logs: JSON.stringify({
      loss: 2 / (1 + step / 100) + noise / 10,
      accuracy: 1 - 1 / (1 + step / 50),
      lr: 0.001,
      grad_norm: 1 + noise,
      seconds: 0.0123,
    }),
  };
}
