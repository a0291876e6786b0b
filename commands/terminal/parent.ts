const POLL_MS = 250;

/**
 * Calls back once the process that started this one is gone, where npm did: a signal to npm ends
 * the shell in between, and nobody passes it on. Without npm a process may outlive its parent,
 * as nohup wants it.
 */
export function onNpmGone(callback: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, POLL_MS);
  timer.unref();
}
