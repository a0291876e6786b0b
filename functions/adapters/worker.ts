import type { Event } from "../event/event.ts";
import type { DeployedStore } from "../stores/deployed.ts";
import { parseMessage } from "../stores/queue/message.ts";
import type { Store } from "../stores/store.ts";
import { readLogin, readSecrets, type SecretsOf } from "./environment.ts";

/**
 * Appends what came through the queue. Says of each message whether it is stored; one that never
 * can be stops no other.
 */
export type Worker = (messages: readonly string[]) => Promise<boolean[]>;

export async function deployWorker(deployed: DeployedStore, secretsOf: SecretsOf = readSecrets): Promise<Worker> {
  const { env } = process;
  const secrets = await secretsOf(env);
  return createWorker(
    deployed.open({
      writer: readLogin(env, "INTEGRAVIZ_STORE", secrets),
      reader: readLogin(env, "INTEGRAVIZ_READER", secrets),
    }),
  );
}

export function createWorker(store: Pick<Store, "append">, report: (error: unknown) => void = console.error): Worker {
  return async (messages) => {
    const read = messages.map((message) => eventsOrNull(message, report));
    const good = read.filter((events) => events !== null);
    // In one piece first, which costs a store of large statements the least; then each for itself.
    const isStored = new Map<Event[], boolean>();
    try {
      if (good.length > 0) await append(good.flat());
      for (const events of good) isStored.set(events, true);
    } catch (error) {
      if (good.length === 1) report(error);
      else await Promise.all(good.map(async (events) => isStored.set(events, await appendAlone(events))));
    }
    return read.map((events) => events !== null && isStored.get(events) === true);
  };

  async function appendAlone(events: Event[]): Promise<boolean> {
    try {
      await append(events);
      return true;
    } catch (error) {
      report(error);
      return false;
    }
  }

  /**
   * Nobody waits for the answer, so a conflict is told to the log: the first of the two stays. One
   * that was sent again without a time of its own differs by that of its acceptance.
   */
  async function append(events: Event[]): Promise<void> {
    const { conflicts } = await store.append(events);
    if (conflicts.length > 0)
      console.warn(`Stored before, with another body or time: ${conflicts.slice(0, 20).join(", ")}`);
  }
}

function eventsOrNull(message: string, report: (error: unknown) => void): Event[] | null {
  try {
    return parseMessage(message);
  } catch (error) {
    report(error);
    return null;
  }
}
