import { setTimeout as delay } from "node:timers/promises";

/**
 * Something may have happened: announced from outside, awaited inside. What came before the wait
 * counts.
 */
export class News {
  #isHere = false;
  #wake: (() => void) | null = null;

  arrived(): void {
    this.#isHere = true;
    this.#wake?.();
  }

  /**
   * Returns after `idleMs` at the latest; when news arrives, `gatherMs` later, so that what comes
   * close together counts once.
   */
  async within(idleMs: number, gatherMs: number): Promise<void> {
    if (!this.#isHere) {
      const timer = new AbortController();
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([woken, delay(idleMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
      this.#wake = null;
    }
    if (this.#isHere) await delay(gatherMs);
    this.#isHere = false;
  }
}
