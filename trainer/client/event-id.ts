import { randomUUID } from "node:crypto";

let lastMs = 0;
let counter = 0;

/**
 * A UUID version 7: 48 bits of ms since 1970, a 12-bit counter, 62 random bits. Each one sorts
 * after the one before in this process, also when the clock stands still or steps back (RFC 9562,
 * sections 5.7 and 6.2, method 1).
 */
export function eventId(now: number = Date.now()): string {
  const random = randomUUID();
  if (now > lastMs) {
    lastMs = now;
    // Half of the counter's range is left free, so that a busy millisecond seldom has to borrow
    // from the next.
    counter = Number.parseInt(random.slice(0, 3), 16) >> 1;
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  const time = lastMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-${random.slice(19)}`;
}
