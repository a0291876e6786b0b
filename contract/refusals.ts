import { ACCESS_REFUSALS } from "./refusals/access.ts";
import type { RefusalKind, Remedy } from "./refusals/kind.ts";
import { REQUEST_REFUSALS } from "./refusals/request.ts";
import { STORE_REFUSALS } from "./refusals/store.ts";

export type { RefusalKind, Remedy };

/**
 * Every refusal of the HTTP surface, by its code. Answers, the OpenAPI description, docs/errors.md
 * and what clients do about a refusal are made of this table. A code is never renamed and never
 * reused.
 */
export const REFUSALS = { ...REQUEST_REFUSALS, ...ACCESS_REFUSALS, ...STORE_REFUSALS } as const;

/** The code of a refusal, such as `unknown-run`. */
export type RefusalCode = keyof typeof REFUSALS;

/** Where every installation serves docs/errors.md. */
export const ERRORS_PATH = "/docs/errors.md";

/** Returns the `type` of an error document (RFC 9457): a URL reference that explains the code. */
export const toTypeUrl = (code: string): string => `${ERRORS_PATH}#${code}`;

/** Returns the title of a code: `unknown-run` is "Unknown run". */
export function toTitle(code: string): string {
  const words = code.replaceAll("-", " ");
  return `${words[0]?.toUpperCase() ?? ""}${words.slice(1)}`
    .replace(/\b(json|utf|csrf|url|sql|rpc)\b/gi, (word) => word.toUpperCase())
    .replace("UTF8", "UTF-8");
}

/** Whether the text is a code of the table: a server of another version may know others. */
export function isRefusalCode(text: unknown): text is RefusalCode {
  return typeof text === "string" && Object.hasOwn(REFUSALS, text);
}
