import { REFUSALS, type RefusalCode, type RefusalKind } from "../../contract/refusals.ts";

/** What a refusal says beside its text. */
export interface RefusalDetails {
  /** The path of the value: `events[3].logs.loss`. */
  field?: string;
  /** The type of the value that was found there. */
  found?: string;
  /** What to do about it; the code's own fix unless given. */
  fix?: string;
  /** Seconds until it is worth trying again. */
  retryAfter?: number;
  /** The methods that the path takes, for 405. */
  allow?: string;
}

/**
 * A request that cannot be taken: its code, what is wrong, where, and what would put it right.
 * Becomes an error document (RFC 9457).
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  /** The HTTP status of the code. */
  readonly status: RefusalKind["status"];
  readonly details: RefusalDetails;

  /** @param message what is wrong with this very request; the code's own text unless given */
  constructor(code: RefusalCode, message: string = REFUSALS[code].text, details: RefusalDetails = {}) {
    super(message);
    this.code = code;
    this.status = REFUSALS[code].status;
    this.details = { fix: REFUSALS[code].fix, ...details };
  }
}
