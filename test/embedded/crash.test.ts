import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Endpoint } from "../../embedded/stack.ts";
import { asWriter, type GatewayProcess, startGateway } from "./gateway-process.ts";

const EVENTS = 10_000;
const BATCH = 20;
const SENDERS = 5;

let data: string;
let gateway: GatewayProcess;
let endpoint: Endpoint;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "integraviz-crash-"));
  gateway = await startGateway(["--no-train", "--port", "0", "--data", data]);
  endpoint = readEndpoint();
});

afterEach(async () => {
  await gateway.stop();
  await rm(data, { recursive: true, force: true });
});

describe("killed with -9 while events flow", () => {
  test("the gateway: started again, every acknowledged event is there once", async () => {
    const port = new URL(endpoint.url).port;
    const sent = sendAll();
    await sent.until(EVENTS / 4);
    process.kill(gateway.pid, "SIGKILL");
    gateway = await startGateway(["--no-train", "--port", port, "--data", data]);
    await sent.finished;
    await expectAllOnce(sent.acknowledged);
    expect(sent.failures()).toBeGreaterThan(0);
  }, 120_000);

  test("PostgreSQL: it comes back by itself, every acknowledged event is there once", async () => {
    const sent = sendAll();
    await sent.until(EVENTS / 4);
    process.kill(databasePid(), "SIGKILL");
    await sent.finished;
    await expectAllOnce(sent.acknowledged);
    expect(gateway.output()).toContain("PostgreSQL is back.");
  }, 120_000);
});

async function expectAllOnce(acknowledged: Set<string>): Promise<void> {
  expect(acknowledged.size).toBe(EVENTS);
  const stored = await asWriter<{ event_id: string }>(data, endpoint, "SELECT event_id FROM events");
  expect(stored.length).toBe(EVENTS);
  expect(new Set(stored.map(({ event_id }) => event_id))).toEqual(acknowledged);
  const settings = await asWriter<{ name: string; setting: string }>(
    data,
    endpoint,
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name",
  );
  expect(settings).toEqual([
    { name: "fsync", setting: "on" },
    { name: "full_page_writes", setting: "on" },
    { name: "synchronous_commit", setting: "on" },
  ]);
}

/** Several senders that send each batch until it is acknowledged, as a client does. */
function sendAll() {
  const acknowledged = new Set<string>();
  let failed = 0;
  let next = 0;
  const deadline = Date.now() + 90_000;
  const sender = async () => {
    while (next < EVENTS) {
      const ids = Array.from({ length: BATCH }, (_, index) => `event-${next + index}`);
      next += BATCH;
      const body = JSON.stringify(
        ids.map((id) => ({ run_id: "crash", event_id: id, kind: "on_train_batch_end", logs: { loss: 0.5 } })),
      );
      while (!(await isAcknowledged(body))) {
        failed += 1;
        if (Date.now() > deadline) throw new Error("The events were not taken in time.");
        await delay(20);
      }
      for (const id of ids) acknowledged.add(id);
    }
  };
  const finished = Promise.all(Array.from({ length: SENDERS }, sender));
  return {
    acknowledged,
    finished,
    failures: () => failed,
    async until(count: number) {
      while (acknowledged.size < count) await delay(2);
    },
  };
}

async function isAcknowledged(body: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${endpoint.token}`, "content-type": "application/json" };
  const answer = await fetch(`${endpoint.url}/v1/events`, { method: "POST", headers, body }).catch(() => null);
  if (answer === null || answer.status >= 500) return false;
  expect(answer.status).toBe(200);
  const { accepted, duplicates, conflicts } = (await answer.json()) as {
    accepted: number;
    duplicates: number;
    conflicts: string[];
  };
  expect(conflicts).toEqual([]);
  return accepted + duplicates === BATCH;
}

function readEndpoint(): Endpoint {
  return JSON.parse(readFileSync(join(data, "endpoint.json"), "utf8")) as Endpoint;
}

function databasePid(): number {
  return Number(readFileSync(join(data, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
}
