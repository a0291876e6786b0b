import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { sqsBatchHandler } from "../../functions/adapters/aws/sqs-batch.ts";
import { httpFunction } from "../../functions/adapters/gcp/cloud-functions.ts";
import { pubsubPushApp } from "../../functions/adapters/gcp/pubsub-push.ts";
import type { Worker } from "../../functions/adapters/worker.ts";
import { openPubsub } from "../../functions/stores/queue/pubsub.ts";
import type { Queue } from "../../functions/stores/queue/queue-store.ts";
import { openSqs } from "../../functions/stores/queue/sqs.ts";
import { startFramework } from "../functions/http/handler-suite/functions-framework.ts";

/** A queue on loopback with the worker behind it: delivers at least once, and after five tries keeps a message as dead. */
export interface StandIn {
  queue: Queue;
  /** Keeps what comes until `release`. */
  hold(): void;
  held(): number;
  release(how?: { twice?: boolean; shuffled?: boolean }): Promise<void>;
  /** A message of someone else's. */
  put(text: string): Promise<void>;
  dead(): number;
  fail(): void;
  recover(): void;
  close(): Promise<void>;
}

const TRIES = 5;

interface Kept {
  text: string;
  tries: number;
}

/** Delivers a batch and says of each message whether it is done with. */
type Deliver = (texts: string[]) => Promise<boolean[]>;

function openHeld(deliver: Deliver) {
  let waiting: Kept[] = [];
  let holding = false;
  let dead = 0;
  const pump = async () => {
    while (!holding && waiting.length > 0) {
      const batch = waiting.splice(0, 10);
      const done = await deliver(batch.map(({ text }) => text));
      for (const [index, kept] of batch.entries()) {
        if (done[index]) continue;
        if (kept.tries + 1 === TRIES) dead += 1;
        else waiting.push({ ...kept, tries: kept.tries + 1 });
      }
    }
  };
  return {
    async add(texts: string[]) {
      waiting.push(...texts.map((text) => ({ text, tries: 0 })));
      await pump();
    },
    hold() {
      holding = true;
    },
    held: () => waiting.length,
    dead: () => dead,
    async release({ twice = false, shuffled = false } = {}) {
      if (twice) waiting = [...waiting, ...waiting];
      if (shuffled) waiting = [1, 0].flatMap((rest) => waiting.filter((_, index) => index % 2 === rest)).reverse();
      holding = false;
      await pump();
    },
  };
}

/** The operation SendMessageBatch in SQS' JSON protocol; a message of each batch is refused at first, as SQS may. */
export async function startSqs(worker: Worker): Promise<StandIn> {
  const handler = sqsBatchHandler(async () => worker);
  const held = openHeld(async (texts) => {
    const { batchItemFailures } = await handler({
      Records: texts.map((body, index) => ({ messageId: `m${index}`, body })),
    });
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    return texts.map((_, index) => !failed.has(`m${index}`));
  });
  const refusedOnce = new Set<string>();
  const server = await start(async ({ headers }, body) => {
    if (!/^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/sqs\/aws4_request/.test(headers.authorization ?? ""))
      return { status: 403, body: { __type: "AccessDenied" } };
    if (headers["x-amz-target"] !== "AmazonSQS.SendMessageBatch") return { status: 400, body: { __type: "Unknown" } };
    const { Entries } = body as { Entries: { Id: string; MessageBody: string }[] };
    const size = Entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
    const isText = Entries.every(
      ({ MessageBody }) => !/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(MessageBody),
    );
    if (size > 1024 * 1024 || Entries.length > 10 || !isText)
      return { status: 400, body: { __type: "InvalidMessageContents" } };
    const Failed = Entries.slice(0, 1).filter(({ MessageBody }) => !refusedOnce.has(MessageBody));
    for (const { MessageBody } of Failed) refusedOnce.add(MessageBody);
    const taken = Entries.filter((entry) => !Failed.includes(entry));
    await held.add(taken.map(({ MessageBody }) => MessageBody));
    return {
      status: 200,
      body: { Failed: Failed.map(({ Id }) => ({ Id, SenderFault: false, Code: "ServiceUnavailable" })) },
    };
  });
  return {
    ...held,
    ...server,
    put: (text) => held.add([text]),
    queue: openSqs({
      url: "https://sqs.eu-central-1.amazonaws.com/1/events",
      region: "eu-central-1",
      env: {
        AWS_ENDPOINT_URL_SQS: server.url,
        AWS_ACCESS_KEY_ID: "AKID",
        AWS_SECRET_ACCESS_KEY: "secret",
        AWS_SESSION_TOKEN: "session",
      },
    }),
  };
}

/** Publishing over REST with a token of the metadata server, and pushes to a function that answers for each message. */
export async function startPubsub(worker: Worker): Promise<StandIn> {
  const email = "pusher@project.iam.gserviceaccount.com";
  const claims = Buffer.from(JSON.stringify({ email, email_verified: true })).toString("base64url");
  const framework = await startFramework(httpFunction(async () => pubsubPushApp(async () => worker, { email })));
  const push = async (data: string) => {
    const answer = await fetch(`http://127.0.0.1:${framework.port}/`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer e30.${claims}.removed` },
      body: JSON.stringify({ message: { data: Buffer.from(data).toString("base64"), messageId: "1" } }),
    });
    return answer.ok;
  };
  const held = openHeld((texts) => Promise.all(texts.map(push)));
  const server = await start(async ({ url, headers }, body) => {
    if (url?.startsWith("/computeMetadata/v1/instance/service-accounts/default/token"))
      return headers["metadata-flavor"] === "Google"
        ? { status: 200, body: { access_token: "good", expires_in: 3600 } }
        : { status: 403, body: {} };
    if (headers.authorization !== "Bearer good") return { status: 401, body: {} };
    if (url !== "/v1/projects/p/topics/t:publish") return { status: 404, body: {} };
    const { messages } = body as { messages: { data: string }[] };
    await held.add(messages.map(({ data }) => Buffer.from(data, "base64").toString()));
    return { status: 200, body: { messageIds: messages.map((_, index) => String(index)) } };
  });
  const host = server.url.replace("http://", "");
  return {
    ...held,
    ...server,
    put: (text) => held.add([text]),
    queue: openPubsub({ project: "p", topic: "t", env: { PUBSUB_EMULATOR_HOST: host, GCE_METADATA_HOST: host } }),
    async close() {
      await server.close();
      await framework.close();
    },
  };
}

type Answer = (request: IncomingMessage, body: unknown) => Promise<{ status: number; body: object }>;

async function start(answer: Answer) {
  let failing = false;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { status, body } = failing ? { status: 400, body: {} } : await answer(request, text && JSON.parse(text));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail() {
      failing = true;
    },
    recover() {
      failing = false;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
