export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 429 | 503;

export interface RefusalDetails {
  /** The place of the value: `events[3].logs.loss`. */
  field?: string;
  /** The type of the value that was found there. */
  found?: string;
  /** What to do about it. */
  fix?: string;
  /** Seconds until it is worth trying again. */
  retryAfter?: number;
  /** The methods that the path takes, for 405. */
  allow?: string;
}

/** A request that cannot be taken: what is wrong, where, and what would mend it. Becomes a problem document (RFC 9457). */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: RefusalStatus;
  readonly details: RefusalDetails;

  constructor(status: RefusalStatus, message: string, details: RefusalDetails = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}
