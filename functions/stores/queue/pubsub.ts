import { accessTokens } from "../../clouds/google.ts";
import { Refusal } from "../../refusals/refusal.ts";
import type { Queue } from "./queue-store.ts";

export interface PubsubOptions {
  project: string;
  topic: string;
  env: Record<string, string | undefined>;
}

/**
 * Google Pub/Sub: a request to publish holds 10 MB and a thousand messages, with base64 about it
 * (quotas in its reference).
 */
const MESSAGE_BYTES = 7_000_000;
const PACK_BYTES = 256 * 1024;
const REQUEST_MESSAGES = 20;

/** PUBSUB_EMULATOR_HOST names another server, as Google's own libraries have it. */
export function openPubsub({ project, topic, env }: PubsubOptions): Queue {
  const emulator = env.PUBSUB_EMULATOR_HOST;
  const origin = emulator === undefined ? "https://pubsub.googleapis.com" : `http://${emulator}`;
  const token = accessTokens(env);
  return {
    limits: { packBytes: PACK_BYTES, messageBytes: MESSAGE_BYTES },
    async send(messages) {
      for (const part of requestsOf(messages)) {
        const answer = await publish(part).catch((error) => {
          console.error(error);
          return null;
        });
        if (answer?.ok) continue;
        if (answer) console.error(`Pub/Sub answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
        throw new Refusal("queue-unavailable", "The queue does not take events now.", {
          fix: "Send the same events again in a moment; none is stored twice.",
          retryAfter: 2,
        });
      }
    },
  };

  async function publish(messages: readonly string[]): Promise<Response> {
    return fetch(`${origin}/v1/projects/${project}/topics/${topic}:publish`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await token()}` },
      body: JSON.stringify({ messages: messages.map((text) => ({ data: Buffer.from(text).toString("base64") })) }),
      signal: AbortSignal.timeout(15_000),
    });
  }
}

function* requestsOf(messages: readonly string[]): Generator<string[]> {
  let part: string[] = [];
  let size = 0;
  for (const message of messages) {
    const bytes = Buffer.byteLength(message);
    if (part.length === REQUEST_MESSAGES || (part.length > 0 && size + bytes > MESSAGE_BYTES)) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(message);
    size += bytes;
  }
  if (part.length > 0) yield part;
}
