import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { openDataFolder } from "../../embedded/data-folder.ts";
import type { Endpoint } from "../../embedded/stack.ts";
import { signToken } from "../../functions/http/tokens.ts";
import { startGateway } from "../embedded/gateway-process.ts";
import type { Drill } from "./drill.ts";
import { followStream } from "./followed-stream.ts";
import { makeLogins } from "./logins.ts";

const [GREEDY_PROJECT, OTHER_PROJECT] = ["greedy", "other"];
const LOGINS = 60;
/**
 * ms from the sending of an event to its coming out of the stream, which the page draws at its next
 * frame; and intake, as a multiple of the usual p50.
 */
const MOST = { toPage: 250, intake: 2 };
const BATCH = 100;
/** Between two events of the one that is looked at. */
const PAUSE_MS = 20;
/** What is tried more often takes this machine's processors, from anybody. */
const RECONNECT_MS = 1_000;
/** A query of whose sleep at least this much was let through. */
const SLOW_MS = 1_000;

export const neighbours: Drill = {
  about: `A reader of one project holds a transaction, ${LOGINS} greedy logins take what connections they get, and its token sends slow queries: another project's events come to the page and are taken as usual.`,
  option: { name: "seconds", value: 60, about: "how long each half is measured, as usual and beside the greedy" },
  async run(seconds, say) {
    const data = await mkdtemp(join(tmpdir(), "integraviz-drill-"));
    const gateway = await startGateway(["--no-train", "--port", "0", "--data", data]);
    try {
      const endpoint = JSON.parse(readFileSync(join(data, "endpoint.json"), "utf8")) as Endpoint;
      await fill(endpoint);
      await measure(endpoint, Math.min(10, seconds));
      const usual = await measure(endpoint, seconds);
      say(`as usual: ${text(usual)}`);
      const greedy = await startGreedy(data, endpoint);
      await delay(2_000);
      const beside = await measure(endpoint, seconds);
      const taken = await greedy.stop();
      say(`beside the greedy: ${text(beside)}`);
      say(
        `the greedy: ${taken.held} connections at once at most, ${taken.refused} refused, ${taken.holding} s in a transaction, ${taken.queries} slow queries by token`,
      );
      return missesOf(usual, beside, taken);
    } finally {
      await gateway.stop();
      await rm(data, { recursive: true, force: true });
    }
  },
};

interface Measured {
  /** ms: sent to streamed, of single events. */
  toPage: number[];
  /** ms: of requests, one behind the other. */
  intake: number[];
  failures: number;
}

const at = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? Number.NaN;

const text = ({ toPage, intake, failures }: Measured): string =>
  `event to page p50 ${at(toPage, 0.5).toFixed(1)}, p95 ${at(toPage, 0.95).toFixed(1)} ms of ${toPage.length}; intake of ${BATCH} events p50 ${at(intake, 0.5).toFixed(1)}, p95 ${at(intake, 0.95).toFixed(1)} ms of ${intake.length}; ${failures} failures`;

function missesOf(usual: Measured, beside: Measured, taken: Taken): string[] {
  const misses: string[] = [];
  const p95 = at(beside.toPage, 0.95);
  if (!(p95 < MOST.toPage)) misses.push(`event to page p95 is ${p95.toFixed(1)} ms; the limit is ${MOST.toPage}`);
  const ratio = at(beside.intake, 0.5) / at(usual.intake, 0.5);
  if (!(ratio < MOST.intake))
    misses.push(`intake takes ${ratio.toFixed(2)} times as long as usual; the limit is ${MOST.intake}`);
  if (beside.failures > 0) misses.push(`${beside.failures} requests of the other project failed`);
  if (taken.holding === 0) misses.push("no reader held a transaction, so that nothing was tried");
  if (taken.held === 0 || taken.queries === 0) misses.push("nobody held a connection, or no query was slow");
  return misses;
}

/** Something to count for whoever reads. */
async function fill(endpoint: Endpoint): Promise<void> {
  for (let run = 0; run < 20; run++)
    await send(
      endpoint,
      GREEDY_PROJECT,
      Array.from({ length: 1_000 }, (_, step) => event(`run-${run}`, step)),
    );
}

const event = (run: string, step: number) => ({
  run_id: run,
  kind: "on_train_batch_end",
  step,
  logs: { loss: 1 / (step + 1), accuracy: step / 1e6 },
});

async function send({ url, token }: Endpoint, project: string, events: object[]): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify(events);
  const answer = await fetch(`${url}/v1/events?project=${project}`, { method: "POST", headers, body });
  const said = await answer.text();
  if (!answer.ok) throw new Error(said);
}

/** A training that sends batch upon batch in one run, and single events that somebody waits for in another. */
async function measure(endpoint: Endpoint, seconds: number): Promise<Measured> {
  const measured: Measured = { toPage: [], intake: [], failures: 0 };
  const end = Date.now() + seconds * 1000;
  const watched = `watched-${end}`;
  const stream = followStream(endpoint, OTHER_PROJECT, `&run=${watched}`);
  const timed = async (times: number[], once: () => Promise<void>) => {
    const begun = performance.now();
    await once().then(
      () => times.push(performance.now() - begun),
      () => measured.failures++,
    );
  };
  const training = async () => {
    for (let step = 0; Date.now() < end; step += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, i) => event(`training-${end}`, step + i));
      await timed(measured.intake, () => send(endpoint, OTHER_PROJECT, batch));
      await delay(PAUSE_MS);
    }
  };
  const watching = async () => {
    for (let step = 0; Date.now() < end; step++) {
      await timed(measured.toPage, async () => {
        await send(endpoint, OTHER_PROJECT, [event(watched, step)]);
        await stream.until(step + 1, 30_000);
      });
      await delay(PAUSE_MS);
    }
  };
  await Promise.all([training(), watching()]);
  stream.close();
  return measured;
}

interface Taken {
  held: number;
  refused: number;
  /** Seconds that a transaction was open; 0 where it was not to the end. */
  holding: number;
  queries: number;
}

async function startGreedy(data: string, endpoint: Endpoint) {
  const members = Array.from({ length: LOGINS + 1 }, (_, login) => `greedy${login}`);
  const [holder = "", ...logins] = await makeLogins(data, endpoint, {
    greedy: { projects: [GREEDY_PROJECT], access: "read", members },
  });
  const token = await signToken(openDataFolder(data).secrets.signingKey, {
    actor: "greedy",
    scopes: ["read"],
    projects: [GREEDY_PROJECT],
    jti: "greedy",
  });
  const taken: Taken = { held: 0, refused: 0, holding: 0, queries: 0 };
  let [isOver, holds] = [false, 0];
  const isEnded = () => isOver;
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const client = new pg.Client({ connectionString: holder });
  client.on("error", () => {});
  await client.connect();
  const working = [
    hold(client, ended).then(
      (seconds) => {
        taken.holding = seconds;
      },
      () => {},
    ),
    ...[0, 1].map(() => askSlowly(endpoint, token, isEnded, taken)),
    ...logins.map((login) =>
      takeConnections(login, isEnded, (change) => {
        if (change === "refused") taken.refused++;
        else holds += change;
        taken.held = Math.max(taken.held, holds);
      }),
    ),
  ];
  return {
    async stop(): Promise<Taken> {
      isOver = true;
      end();
      await Promise.all(working);
      return taken;
    },
  };
}

/** Whatever limits there are for its session, it lifts. */
const LIFTED = ["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"].map(
  (name) => `SET ${name} = 0`,
);

/** Keeps a transaction open, with an id of its own where it gets one. Answers for how many seconds. */
async function hold(client: pg.Client, ended: Promise<void>): Promise<number> {
  for (const statement of [...LIFTED, "SET default_transaction_read_only = off", "BEGIN", "SELECT count(*) FROM runs"])
    await client.query(statement);
  await client.query("SAVEPOINT an_id");
  await client.query("SELECT pg_current_xact_id()").catch(() => client.query("ROLLBACK TO an_id"));
  const begun = Date.now();
  await ended;
  await client.query("SELECT count(*) FROM runs");
  await client.end();
  return Math.round((Date.now() - begun) / 1000);
}

/** Takes another connection as soon as it has one, and keeps them all. */
async function takeConnections(
  url: string,
  isEnded: () => boolean,
  tell: (change: 1 | -1 | "refused") => void,
): Promise<void> {
  const clients: pg.Client[] = [];
  while (!isEnded()) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    await client.connect().then(
      () => {
        clients.push(client);
        tell(1);
      },
      async () => {
        tell("refused");
        await client.end().catch(() => {});
      },
    );
    await delay(RECONNECT_MS);
  }
  for (const client of clients) {
    await client.end().catch(() => {});
    tell(-1);
  }
}

async function askSlowly({ url }: Endpoint, token: string, isEnded: () => boolean, taken: Taken): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ sql: "SELECT pg_current_xact_id(), pg_sleep(9)" });
  const asleep = JSON.stringify({ sql: "SELECT pg_sleep(3)" });
  while (!isEnded()) {
    for (const one of [body, asleep]) {
      const begun = performance.now();
      await fetch(`${url}/v1/sql`, { method: "POST", headers, body: one }).then(
        (answer) => answer.text(),
        () => {},
      );
      // What is refused comes back at once.
      if (performance.now() - begun > SLOW_MS) taken.queries += 1;
    }
  }
}
