import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { sqsBatchHandler } from "../../../../functions/adapters/aws/sqs-batch.ts";
import { httpFunction } from "../../../../functions/adapters/gcp/cloud-functions.ts";
import { pubsubPushApp } from "../../../../functions/adapters/gcp/pubsub-push.ts";
import { createWorker, type Worker } from "../../../../functions/adapters/worker.ts";
import type { Event } from "../../../../functions/event/event.ts";
import { parseMessage, toMessages } from "../../../../functions/stores/queue/message.ts";
import { openQueueStore, type Queue } from "../../../../functions/stores/queue/queue-store.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { type StandIn, startPubsub, startSqs } from "../../../stand-ins/queues.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { fetchAdapter } from "../../http/handler-suite/adapters.ts";
import { SuiteApi } from "../../http/handler-suite/api.ts";
import { controlTests } from "../../http/handler-suite/control.ts";
import { startFramework } from "../../http/handler-suite/functions-framework.ts";
import { ingestTests } from "../../http/handler-suite/ingest.ts";
import { openMemoryStore } from "../memory/memory-store.ts";

const queues: Record<string, (worker: Worker) => Promise<StandIn>> = {
  SQS: startSqs,
  "Pub/Sub": startPubsub,
};

const silent = () => {};

describe.each(Object.entries(queues))("delivery through %s", (_, start) => {
  const opened: StandIn[] = [];
  afterAll(async () => {
    for (const standIn of opened) await standIn.close();
  });

  /** The front's store and, behind the queue, a worker that appends to the same database. */
  async function open({ isControlCheap = true, broken = silent as (event: Event) => void } = {}) {
    const database = openMemoryStore();
    const append: Store["append"] = async (events) => {
      events.forEach(broken);
      return database.append(events);
    };
    const worker = createWorker({ append }, silent);
    const standIn = await start(worker);
    opened.push(standIn);
    const { queue } = standIn;
    return { database, standIn, store: openQueueStore({ store: database, queue, isControlCheap }) };
  }
  const idsOf = (database: { rows: { id: string }[] }) => database.rows.map(({ id }) => id).sort();
  const many = (count: number, fields: Partial<Event> = {}) =>
    Array.from({ length: count }, (_, index) => sampleEvent({ id: `e${String(index).padStart(5, "0")}`, ...fields }));

  test("what was accepted is in the queue, and then in the database as it was", async () => {
    const { store, database, standIn } = await open();
    const event = sampleEvent({
      seq: 9223372036854775807n,
      epoch: -9223372036854775808n,
      step: 0,
      createdAt: 1_700_000_000_000_001,
      logs: '{"a":{"$num":"NaN"},"text":"\\u0001 é😀 \uffff \ufffe"}',
    });
    standIn.hold();
    expect(await store.append([event])).toEqual({ accepted: 1, duplicates: 0, conflicts: [], control: [] });
    expect(standIn.held()).toBe(1);
    expect(database.rows).toEqual([]);
    await standIn.release();
    const { logs, ...columns } = event;
    await expect.poll(() => database.rows).toMatchObject([{ ...columns, logs: JSON.parse(logs as string) }]);
  });

  test("delivered twice and in any order, each event stands once and its own seq tells its place", async () => {
    const { store, database, standIn } = await open();
    standIn.hold();
    const events = many(400, { logs: JSON.stringify({ x: "x".repeat(4_000) }) }).map((event, seq) => ({
      ...event,
      seq,
    }));
    await store.append(events);
    expect(standIn.held()).toBeGreaterThan(3);
    await standIn.release({ twice: true, shuffled: true });
    await expect.poll(() => idsOf(database)).toEqual(events.map(({ id }) => id));
    const bySeq = [...database.rows].sort((a, b) => Number(a.seq - b.seq)).map(({ id }) => id);
    expect(bySeq).toEqual(events.map(({ id }) => id));
  });

  test("an event without a time has that of its acceptance, not of its turn", async () => {
    const { store, database, standIn } = await open();
    standIn.hold();
    const before = Date.now() * 1000;
    await store.append([sampleEvent({ createdAt: null })]);
    const after = Date.now() * 1000;
    await delay(20);
    await standIn.release();
    await expect.poll(() => database.rows.length).toBe(1);
    expect(database.rows[0]?.createdAt).toBeGreaterThanOrEqual(before);
    expect(database.rows[0]?.createdAt).toBeLessThanOrEqual(after);
  });

  test("a message that can never be stored stops no other, and is tried again", async () => {
    const { store, database, standIn } = await open({
      broken: (event) => {
        if (event.run === "poisoned") throw new Error("not this one");
      },
    });
    standIn.hold();
    await store.append([sampleEvent({ id: "before" })]);
    await store.append([sampleEvent({ id: "never", run: "poisoned" })]);
    await standIn.put("no JSON at all");
    await standIn.put('{"v":2,"events":[]}');
    await store.append([sampleEvent({ id: "after" })]);
    await standIn.release();
    await expect.poll(() => idsOf(database)).toEqual(["after", "before"]);
    // After five tries they are dead letters.
    await expect.poll(() => standIn.dead()).toBe(3);
  });

  test("answers tell what is asked of a run where that is cheap, and nothing of it where it is not", async () => {
    for (const isControlCheap of [true, false]) {
      const { store, database, standIn } = await open({ isControlCheap });
      await store.append([sampleEvent({ kind: "on_train_begin", seq: 1 })]);
      await expect.poll(() => database.rows.length).toBe(1);
      const stop = sampleEvent({ kind: "stop_requested", actor: "ada", seq: 2, logs: '{"reason":"enough"}' });
      // What a person asks is in the database when it is answered.
      standIn.hold();
      expect(await store.append([stop])).toMatchObject({ accepted: 1 });
      expect(database.rows.length).toBe(2);
      const { control } = await store.append([sampleEvent({ seq: 3 })]);
      expect(control).toMatchObject(isControlCheap ? [{ stop: { reason: "enough" } }] : []);
    }
  });

  test("where control cannot be read the events are accepted all the same", async () => {
    const { database, standIn } = await open();
    const store = openQueueStore({
      store: Object.assign(Object.create(database), { control: () => Promise.reject(new Error("away")) }) as Store,
      queue: standIn.queue,
      isControlCheap: true,
    });
    expect(await store.append([sampleEvent()])).toMatchObject({ accepted: 1, control: [] });
  });

  test("while the queue is away nothing is accepted", async () => {
    const { store, standIn, database } = await open();
    standIn.fail();
    await expect(store.append([sampleEvent()])).rejects.toMatchObject({ status: 503, details: { retryAfter: 2 } });
    standIn.recover();
    await store.append([sampleEvent()]);
    await expect.poll(() => database.rows.length).toBe(1);
  });
});

describe.each(Object.entries(queues))("the handler over %s", (_, start) => {
  let standIn: StandIn;
  afterAll(() => standIn.close());
  const api = new SuiteApi({
    name: "queued",
    sql: false,
    isQueued: true,
    adapter: fetchAdapter,
    async openStore() {
      const database = openMemoryStore();
      standIn = await start(createWorker(database, silent));
      return openQueueStore({ store: database, queue: standIn.queue, isControlCheap: true });
    },
  });
  ingestTests(api);
  controlTests(api);
});

describe("messages", () => {
  const limits = { packBytes: 2_000, messageBytes: 10_000 };

  test("hold as many events as fit, in their order, and never more bytes than allowed", () => {
    const events = Array.from({ length: 100 }, (_, index) =>
      sampleEvent({ id: `${index}`, logs: JSON.stringify({ x: "é".repeat((index * 37) % 900) }) }),
    );
    const messages = toMessages(events, limits);
    expect(messages.flatMap(parseMessage)).toEqual(events);
    expect(messages.length).toBeGreaterThan(20);
    for (const message of messages) {
      if (parseMessage(message).length > 1) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(limits.packBytes);
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(limits.messageBytes);
    }
  });

  test("an event that fits into none is refused before anything is sent", async () => {
    const sent: unknown[] = [];
    const queue: Queue = { limits, send: async (messages) => void sent.push(...messages) };
    const store = openQueueStore({ store: openMemoryStore(), queue, isControlCheap: false });
    const large = sampleEvent({ id: "large", logs: JSON.stringify({ x: "x".repeat(10_000) }) });
    await expect(store.append([sampleEvent(), large])).rejects.toMatchObject({
      status: 413,
      details: { field: "events[1].logs" },
    });
    expect(sent).toEqual([]);
  });

  test.each(["", "null", "[]", '{"v":1}', '{"v":1,"events":[{}]}', '{"v":1,"events":[{"project":1}]}'])(
    "%j is none",
    (text) => {
      expect(() => parseMessage(text)).toThrow();
    },
  );
});

describe("an SQS batch", () => {
  test("answers the items that failed and no other", async () => {
    const handler = sqsBatchHandler(async () => async (messages) => messages.map((body) => body !== "bad"));
    const Records = ["good", "bad", "good", "bad"].map((body, index) => ({ messageId: `m${index}`, body }));
    expect(await handler({ Records })).toEqual({
      batchItemFailures: [{ itemIdentifier: "m1" }, { itemIdentifier: "m3" }],
    });
  });
});

describe("a Pub/Sub push", () => {
  const email = "pusher@project.iam.gserviceaccount.com";
  const tokenOf = (claims: object) => `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.removed`;
  const data = Buffer.from("message").toString("base64");

  test.each([
    ["its own", { email, email_verified: true }, { message: { data } }, 204],
    ["another account's", { email: "other@x", email_verified: true }, { message: { data } }, 403],
    ["one not verified", { email, email_verified: false }, { message: { data } }, 403],
    ["one without a message", { email, email_verified: true }, { message: {} }, 400],
    ["no JSON", { email, email_verified: true }, "text", 400],
    ["one that cannot be stored", { email, email_verified: true }, { message: { data: "YmFk" } }, 503],
  ])("that is %s", async (_, claims, body, status) => {
    const worker = async () => async (messages: readonly string[]) => messages.map((text) => text !== "bad");
    const framework = await startFramework(httpFunction(async () => pubsubPushApp(worker, { email })));
    const answer = await fetch(`http://127.0.0.1:${framework.port}/`, {
      method: "POST",
      headers: {
        authorization: tokenOf(claims),
        "content-type": typeof body === "string" ? "text/plain" : "application/json",
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    expect(answer.status).toBe(status);
    await framework.close();
  });
});
