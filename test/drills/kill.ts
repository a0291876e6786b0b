import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import type { Endpoint } from "../../embedded/stack.ts";
import { type GatewayProcess, startGateway } from "../embedded/gateway-process.ts";
import type { Drill } from "./drill.ts";
import { type FollowedStream, followStream } from "./followed-stream.ts";
import { differences, readCopy, readExport, readLog, readStreamed } from "./log-copies.ts";
import { makeLogins } from "./logins.ts";

const PROJECT = "drill";
/** More runs than a page of the stream or the export holds, so that pages end among the stops. */
const LOAD = { runs: 1_200, events: 4_000, batch: 20, senders: 5 };
const DEADLINE_MS = 120_000;
/** What so many stops take, or so. */
const STOPPING_MS = 500;

export const kill: Drill = {
  about:
    "kill -9 of gateway and PostgreSQL in turn during intake, with stops of 1,200 runs by SQL in one transaction: export, copy and stream agree with the log, event for event.",
  option: { name: "rounds", value: 20, about: "kills, half of each" },
  async run(rounds, say) {
    const data = await mkdtemp(join(tmpdir(), "integraviz-drill-"));
    const installation = await install(data);
    const misses: string[] = [];
    try {
      for (let round = 1; round <= rounds; round++) {
        const found = await playRound(installation, round, say);
        misses.push(...found.map((miss) => `round ${round}: ${miss}`));
      }
    } finally {
      installation.stream.close();
      await installation.gateway.stop();
      await rm(data, { recursive: true, force: true });
    }
    return misses;
  },
};

interface Installation {
  data: string;
  gateway: GatewayProcess;
  endpoint: Endpoint;
  stream: FollowedStream;
  /** Of a login that may ask runs to stop. */
  login: string;
  /** Ids of all events that were acknowledged. */
  acknowledged: Set<string>;
}

const start = (data: string, port: string) => startGateway(["--no-train", "--port", port, "--data", data]);

async function install(data: string): Promise<Installation> {
  const gateway = await start(data, "0");
  const endpoint = JSON.parse(readFileSync(join(data, "endpoint.json"), "utf8")) as Endpoint;
  const [login = ""] = await makeLogins(data, endpoint, {
    drill: { projects: [PROJECT], access: "control", members: ["drill"] },
  });
  const acknowledged = new Set<string>();
  const begun = Array.from({ length: LOAD.runs }, (_, run) => eventOf(run, `begin-${run}`, "on_train_begin"));
  for (let at = 0; at < LOAD.runs; at += 500) await sendAll(endpoint, begun.slice(at, at + 500), acknowledged);
  return { data, gateway, endpoint, login, acknowledged, stream: followStream(endpoint, PROJECT) };
}

async function playRound(on: Installation, round: number, say: (line: string) => void): Promise<string[]> {
  const victim = round % 2 === 1 ? "gateway" : "PostgreSQL";
  const before = on.acknowledged.size;
  const stored = () => on.acknowledged.size - before;
  const killAt = Math.round(LOAD.events * (0.1 + 0.6 * Math.random()));
  // In every other pair of rounds the kill meets the stops half-way.
  const meets = round % 4 > 1;
  const stopAt = meets ? killAt : Math.round(killAt * Math.random());
  const sending = intake(on, round);
  const stopping = reached(stored, stopAt).then(() => stopAll(on.login, `round ${round}`));
  await reached(stored, killAt);
  if (meets) await delay(STOPPING_MS * Math.random());
  const killedAt = stored();
  if (victim === "gateway") {
    process.kill(on.gateway.pid, "SIGKILL");
    on.gateway = await start(on.data, new URL(on.endpoint.url).port);
  } else {
    const pid = readFileSync(join(on.data, "postgres", "postmaster.pid"), "utf8").split("\n")[0];
    process.kill(Number(pid), "SIGKILL");
  }
  const [again, stops] = await Promise.all([sending, stopping]);
  for (const id of stops.ids) on.acknowledged.add(id);
  const { misses, events } = await compare(on);
  const stopped = `${stops.ids.length} stops in a transaction (try ${stops.tries})`;
  say(
    `round ${round}: ${victim} killed at ${killedAt} of ${LOAD.events} events, ${again} requests sent again, ${stopped}; log, export, copy and stream: ${events.join(", ")} events`,
  );
  return misses;
}

async function compare({ data, endpoint, stream, acknowledged }: Installation) {
  const log = await readLog(data, endpoint);
  const misses: string[] = [];
  const check = (what: string, wrong: readonly string[]) => {
    if (wrong.length > 0) misses.push(`${what}: ${wrong.length} events, such as ${wrong[0]?.replace("\n", "/")}`);
  };
  check(
    "acknowledged and not in the log",
    [...acknowledged].filter((id) => !log.has(`${PROJECT}\n${id}`)),
  );
  const exported = await readExport(data);
  check("the export differs from the log", differences(log, exported.hashes));
  const copied = await readCopy(data, endpoint);
  check("the copy differs from the log", differences(log, copied.hashes));
  if (!copied.isProved) misses.push("the copy says that it is not whole");
  const streamed = await readStreamed(data, endpoint, PROJECT);
  await stream.until(streamed.length, DEADLINE_MS).catch((error: Error) => misses.push(error.message));
  check(
    "the stream differs from the log",
    stream.events.filter((event, index) => event !== streamed[index]),
  );
  return { misses, events: [log.size, exported.lines, copied.hashes.size, stream.events.length] };
}

const eventOf = (run: number, id: string, kind = "on_train_batch_end") => ({
  project: PROJECT,
  run_id: `run-${run}`,
  event_id: id,
  kind,
  logs: kind === "on_train_begin" ? {} : { loss: Math.random() },
});

/** Several senders that send each batch until it is acknowledged. Answers how often one was sent again. */
async function intake({ endpoint, acknowledged }: Installation, round: number): Promise<number> {
  let [next, again] = [0, 0];
  const sender = async () => {
    while (next < LOAD.events) {
      const from = next;
      next += LOAD.batch;
      const events = Array.from({ length: LOAD.batch }, (_, i) =>
        eventOf((from / LOAD.batch) % 40, `${round}-${from + i}`),
      );
      again += await sendAll(endpoint, events, acknowledged);
    }
  };
  await Promise.all(Array.from({ length: LOAD.senders }, sender));
  return again;
}

type Sent = ReturnType<typeof eventOf>;

async function sendAll({ url, token }: Endpoint, events: Sent[], acknowledged: Set<string>): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify(events);
  const deadline = Date.now() + DEADLINE_MS;
  for (let again = 0; ; again++) {
    const answer = await fetch(`${url}/v1/events`, { method: "POST", headers, body }).catch(() => null);
    if (answer?.ok) {
      for (const { event_id } of events) acknowledged.add(event_id);
      return again;
    }
    if (answer !== null && answer.status < 500) throw new Error(await answer.text());
    if (Date.now() > deadline) throw new Error("The events were not taken in time.");
    await delay(20);
  }
}

/** Asks all runs to stop in one transaction, until it is committed. */
async function stopAll(login: string, reason: string): Promise<{ ids: string[]; tries: number }> {
  const deadline = Date.now() + DEADLINE_MS;
  for (let tries = 1; ; tries++) {
    const client = new pg.Client({ connectionString: login });
    client.on("error", () => {});
    try {
      await client.connect();
      const stops = await client.query<{ id: string }>("SELECT request_stop(project, run, $1) AS id FROM runs", [
        reason,
      ]);
      return { ids: stops.rows.map(({ id }) => id), tries };
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

async function reached(count: () => number, wanted: number): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (count() < wanted) {
    if (Date.now() > deadline) throw new Error(`${count()} events of ${wanted} were taken in time.`);
    await delay(2);
  }
}
