/**
 * What whoever is refused can do about it:
 *
 * - `retry`: send the same request again later; nothing is stored twice.
 * - `change`: the request is at fault and will be refused again as it is.
 * - `sign-in`: use another token.
 * - `set-up`: change the address or the installation; until then nothing gets through.
 */
export type Remedy = "retry" | "change" | "sign-in" | "set-up";

/** One kind of refusal. */
export interface RefusalKind {
  /** HTTP status of the answer. */
  status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 429 | 500 | 503 | 507;
  remedy: Remedy;
  /** What happened. */
  text: string;
  /** What to do about it, where the refusal itself does not say it more exactly. */
  fix: string;
}

/** Makes one kind of refusal of a status, what happened and what to do about it. */
const kindOf =
  (remedy: Remedy) =>
  (status: RefusalKind["status"], text: string, fix: string): RefusalKind => ({ status, remedy, text, fix });

export const change = kindOf("change");
export const retry = kindOf("retry");
export const signIn = kindOf("sign-in");
export const setUp = kindOf("set-up");
