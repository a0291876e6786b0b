import { RETRY_DEFAULTS } from "./delivery/retry.ts";

/** The options of a client where they are left out: numbers of events, bytes, and times in ms. */
export const DEFAULTS = {
  capacity: 10_000,
  capacityBytes: 64 * 1024 * 1024,
  flushMs: 500,
  batchEvents: 1_000,
  heartbeatMs: 10_000,
  pollMs: 1_000,
  timeoutMs: 30_000,
  ...RETRY_DEFAULTS,
  drainMs: 30_000,
  drainOnExit: true,
  provenance: true,
} as const;
