import { Refusal } from "../../refusals/refusal.ts";
import type { Health } from "../store.ts";

/** So long a store counts as full after an append that found no room: nobody may send another. */
const FULL_MS = 60_000;

/**
 * Keeps in mind whether appends find room on the disk. `tell` hears once that there is none, and
 * once that there is again.
 */
export function watchDisk(tell: (isFull: boolean) => void) {
  let fullAt: number | null = null;
  return {
    async append<T>(appending: Promise<T>): Promise<T> {
      try {
        const done = await appending;
        if (fullAt !== null) tell(false);
        fullAt = null;
        return done;
      } catch (error) {
        if (error instanceof Refusal && error.code === "store-full") {
          if (fullAt === null) tell(true);
          fullAt = Date.now();
        }
        throw error;
      }
    },
    /** What a store that answers says of its disk. */
    of(health: Health): Health {
      if (!health.ok || fullAt === null || Date.now() - fullAt > FULL_MS) return health;
      return { ...health, ok: false, detail: new Refusal("store-full").message };
    },
  };
}
