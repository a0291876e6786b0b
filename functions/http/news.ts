import { setTimeout as delay } from "node:timers/promises";

/** Something may have happened: said from outside, waited for inside. What was said before the wait counts. */
export class News {
  #said = false;
  #heard: (() => void) | null = null;

  now(): void {
    this.#said = true;
    this.#heard?.();
  }

  /** Returns at the latest after `idleMs`; when woken, `gatherMs` later, so that what comes close together counts once. */
  async within(idleMs: number, gatherMs: number): Promise<void> {
    if (!this.#said) {
      const timer = new AbortController();
      const heard = new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
      await Promise.race([heard, delay(idleMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
      this.#heard = null;
    }
    if (this.#said) await delay(gatherMs);
    this.#said = false;
  }
}
