/**
 * What must still be done before the process goes; given the signal when that is going to end it,
 * else null.
 */
export type ExitDrain = (signal: NodeJS.Signals | null) => Promise<void>;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const drains = new Set<ExitDrain>();

/**
 * Runs `drain` when the process is about to end: no work left, SIGINT or SIGTERM. A signal still
 * ends the process as it would have without us: at once when it comes a second time, and after the
 * drain when nobody else listens to it; where the program has a listener of its own, ending is left
 * to that. `process.exit()` leaves no time for any of it.
 */
export function onExit(drain: ExitDrain): () => void {
  if (drains.size === 0) listen();
  drains.add(drain);
  return () => {
    drains.delete(drain);
    if (drains.size === 0) unlisten();
  };
}

function listen(): void {
  // Once: what cannot be sent would otherwise keep the process for ever.
  process.once("beforeExit", beforeExit);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function unlisten(): void {
  process.off("beforeExit", beforeExit);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

async function beforeExit(): Promise<void> {
  await drainAll(null);
}

async function onSignal(signal: NodeJS.Signals): Promise<void> {
  const ours = process.listenerCount(signal) === 1;
  if (ours) process.off(signal, onSignal);
  await drainAll(ours ? signal : null);
  if (ours) process.kill(process.pid, signal);
}

async function drainAll(signal: NodeJS.Signals | null): Promise<void> {
  await Promise.allSettled([...drains].map((drain) => drain(signal)));
}
