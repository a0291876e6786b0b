import type { QueueAddress } from "../../adapters/environment.ts";
import { openPubsub } from "./pubsub.ts";
import type { Queue } from "./queue-store.ts";
import { openSqs } from "./sqs.ts";

export function openQueue(address: QueueAddress, env: Record<string, string | undefined>): Queue {
  switch (address.kind) {
    case "sqs":
      return openSqs({ ...address, env });
    case "pubsub":
      return openPubsub({ ...address, env });
  }
}
