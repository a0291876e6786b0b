import { setTimeout as delay } from "node:timers/promises";
import { callAws } from "../../clouds/aws.ts";
import { Refusal } from "../../refusals/refusal.ts";
import type { Queue } from "./queue-store.ts";

export interface SqsOptions {
  url: string;
  region: string;
  env: Record<string, string | undefined>;
}

/** Amazon SQS: a message and a batch of ten hold 1 MiB (SendMessageBatch in its API reference). */
const MIB = 1024 * 1024;
const PACK_BYTES = 256 * 1024;
const BATCH_MESSAGES = 10;
const TRIES = 3;

interface Answer {
  Failed?: { Id: string; Code: string }[];
}

export function openSqs({ url, region, env }: SqsOptions): Queue {
  return {
    limits: { packBytes: PACK_BYTES, messageBytes: MIB },
    async send(messages) {
      for (const batch of batchesOf(messages)) await sendBatch(batch);
    },
  };

  async function sendBatch(messages: readonly string[]): Promise<void> {
    let left = messages.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    for (let attempt = 1; ; attempt += 1) {
      const { Failed = [] } = await callAws<Answer>(env, {
        service: "sqs",
        region,
        target: "AmazonSQS.SendMessageBatch",
        body: { QueueUrl: url, Entries: left },
      }).catch((error) => {
        console.error(error);
        throw unavailable();
      });
      if (Failed.length === 0) return;
      if (attempt === TRIES) {
        console.error(`SQS refused ${Failed.length} messages: ${Failed.map(({ Code }) => Code).join(", ")}`);
        throw unavailable();
      }
      const failed = new Set(Failed.map(({ Id }) => Id));
      left = left.filter(({ Id }) => failed.has(Id));
      await delay(50 * attempt);
    }
  }
}

function batchesOf(messages: readonly string[]): string[][] {
  const batches: string[][] = [];
  let size = 0;
  for (const message of messages) {
    const bytes = Buffer.byteLength(message);
    const last = batches.at(-1);
    if (last === undefined || last.length === BATCH_MESSAGES || size + bytes > MIB) {
      batches.push([message]);
      size = bytes;
    } else {
      last.push(message);
      size += bytes;
    }
  }
  return batches;
}

function unavailable(): Refusal {
  return new Refusal("queue-unavailable", "The queue does not take events now.", {
    fix: "Send the same events again in a moment; none is stored twice.",
    retryAfter: 2,
  });
}
