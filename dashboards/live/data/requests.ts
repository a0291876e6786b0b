import type { StreamedEvent } from "../../../functions/stores/store.ts";
import type { Problem } from "./api.ts";
import { untilAnswered } from "./retry.ts";

type Question<T> = (signal: AbortSignal) => Promise<T>;

export type Requests = ReturnType<typeof createRequests>;

/**
 * Creates what asks the server. Each question has a name: a new one of the same name ends the one
 * before. An answer of null was refused, or is no longer wanted.
 */
export function createRequests(onProblem: (problem: Problem) => void) {
  const asking = new Map<string, AbortController>();
  /** For each open question, what the stream has brought since it was asked. */
  const listening = new Set<StreamedEvent[]>();
  let closed = false;

  function cancel(name: string) {
    asking.get(name)?.abort();
    asking.delete(name);
  }

  /** Asks, again and again where the server fails. */
  async function ask<T>(name: string, question: Question<T>): Promise<T | null> {
    if (closed) return null;
    cancel(name);
    const controller = new AbortController();
    const { signal } = controller;
    asking.set(name, controller);
    try {
      const answer = await untilAnswered(() => question(signal), onProblem, signal);
      return signal.aborted ? null : answer;
    } catch (error) {
      if (!signal.aborted) onProblem(error as Problem);
      return null;
    } finally {
      if (asking.get(name) === controller) asking.delete(name);
    }
  }

  return {
    ask,
    cancel,
    isAsking: (name: string) => asking.has(name),
    isClosed: () => closed,
    /** Asks, and gathers what is streamed meanwhile: it may be newer than the answer. */
    async askAndListen<T>(name: string, question: Question<T>) {
      const meanwhile: StreamedEvent[] = [];
      listening.add(meanwhile);
      const answer = await ask(name, (signal) => {
        meanwhile.length = 0;
        return question(signal);
      });
      listening.delete(meanwhile);
      return { answer, meanwhile };
    },
    /** Tells open questions what was streamed. */
    heard(events: readonly StreamedEvent[]) {
      for (const meanwhile of listening) meanwhile.push(...events);
    },
    close() {
      closed = true;
      for (const name of [...asking.keys()]) cancel(name);
    },
  };
}
