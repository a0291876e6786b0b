import * as z from "zod/mini";

/** What one request may carry through a component, and how it streams. */
export const Limits = z.object({
  /** Bytes of a request's body. */
  bodyBytes: z.int(),
  /** Seconds until an answer must be whole. */
  seconds: z.number(),
  /** "poll": server-sent events are flushed, closed and resumed. */
  stream: z.enum(["live", "poll"]),
});
export type Limits = z.output<typeof Limits>;
