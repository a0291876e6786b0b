/** Carries the key of the invoke auth "shared-key". */
export const GATEWAY_KEY = "x-integraviz-key";

/**
 * Carries the id of a request: from a caller or gateway that made one, and on every answer. A UUID.
 */
export const REQUEST_ID = "x-request-id";

/** Carries the ID token of the invoke auth "google-id", and leaves Authorization to the caller. */
export const ID_TOKEN = "x-serverless-authorization";

/**
 * Headers of the caller's that travel under another name between a gateway and the RPC, because
 * something on the way takes their own for itself: SigV4 signs with Authorization, and the
 * Functions Framework parses and inflates the body by Content-Type and Content-Encoding before a
 * function sees it.
 */
export const FORWARDED = {
  authorization: "x-integraviz-authorization",
  "content-type": "x-integraviz-content-type",
  "content-encoding": "x-integraviz-content-encoding",
} as const;
export type ForwardedHeader = keyof typeof FORWARDED;
