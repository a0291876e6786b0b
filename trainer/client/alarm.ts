export interface Alarm {
  /** Resolves after so many ms, or when rung. Does not keep the process alive. */
  wait(ms: number): Promise<void>;
  /** Ends the wait; without one, the next wait ends at once. */
  ring(): void;
}

export function createAlarm(): Alarm {
  let rung = false;
  let end: (() => void) | null = null;
  return {
    wait(ms) {
      if (rung) {
        rung = false;
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
    ring() {
      if (end) end();
      else rung = true;
    },
  };
}
