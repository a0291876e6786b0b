import type { RefusalCode } from "../../../contract/refusals.ts";
import type { Route } from "./route.ts";

/** What stands before every route, or around it, can refuse. */
const EVERYWHERE = ["gateway-only", "wrong-host", "rpc-unavailable", "internal-error"] as const;
const TOKEN = ["missing-token", "invalid-token", "expired-token", "revoked-token", "missing-csrf-token"] as const;
const SCOPE = ["missing-scope", "other-project", "invalid-project"] as const;
const BODY = ["unknown-encoding", "body-too-large", "not-gzip", "not-utf8", "too-many-values", "not-json"] as const;
const STORE = ["store-unavailable", "store-busy", "store-quota", "store-full"] as const;

/** What an append can be refused with, whoever asks for it. */
export const APPEND = ["server-ending", "queue-unavailable", "store-not-ready", "event-too-large"] as const;

/**
 * Lists the codes that a route can answer with: its own, and those that follow from what it takes.
 */
export function refusalCodes({ path, scope, query, body, refusals = [] }: Route): RefusalCode[] {
  const codes: RefusalCode[] = [...EVERYWHERE, ...refusals];
  if (scope !== "none") codes.push(...TOKEN, ...STORE);
  if (scope !== "none" && scope !== "any") codes.push(...SCOPE);
  if (body !== undefined) codes.push(...BODY);
  if (query !== undefined || body !== undefined) codes.push("invalid-request");
  if (path.includes(":")) codes.push("invalid-name");
  return [...new Set(codes)].sort();
}
