/** A wait that can be ended from outside. */
export interface WakeableWait {
  /** Resolves after so many ms, or when woken. Does not keep the process alive. */
  wait(ms: number): Promise<void>;
  /** Ends the wait; without one, the next wait ends at once. */
  wake(): void;
}

/** Creates a wait for one waiter at a time. */
export function createWakeableWait(): WakeableWait {
  let isWoken = false;
  let end: (() => void) | null = null;
  return {
    wait(ms) {
      if (isWoken) {
        isWoken = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const timer = Number.isFinite(ms) ? setTimeout(() => end?.(), ms).unref() : undefined;
        end = () => {
          clearTimeout(timer);
          end = null;
          resolve();
        };
      });
    },
    wake() {
      if (end) end();
      else isWoken = true;
    },
  };
}
