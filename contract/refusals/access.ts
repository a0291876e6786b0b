import type { RefusalKind } from "./kind.ts";

/** Refusals over who asks. */
export const ACCESS_REFUSALS = {
  "missing-token": {
    status: 401,
    remedy: "sign-in",
    text: "The request has no token.",
    fix: "Send `Authorization: Bearer TOKEN`.",
  },
  "invalid-token": {
    status: 401,
    remedy: "sign-in",
    text: "The token is not one of this installation, or the key that signed it is no longer in use.",
    fix: "Send `Authorization: Bearer TOKEN` with a token of this installation.",
  },
  "expired-token": {
    status: 401,
    remedy: "sign-in",
    text: "The token was good until a time that has passed.",
    fix: "Make a new token and send `Authorization: Bearer TOKEN` with it.",
  },
  "revoked-token": {
    status: 401,
    remedy: "sign-in",
    text: "The token was taken back.",
    fix: "Make a new token and send `Authorization: Bearer TOKEN` with it.",
  },
  "missing-scope": {
    status: 403,
    remedy: "sign-in",
    text: "The token does not have the scope that this route needs.",
    fix: "Use a token with that scope: ingest to send events, read to look, control to stop and tag runs.",
  },
  "other-project": {
    status: 403,
    remedy: "sign-in",
    text: "The token is not good for this project.",
    fix: "Use a token for the project, or name one that the token is good for with ?project=.",
  },
  "token-in-url": {
    status: 403,
    remedy: "sign-in",
    text: "A URL ends up in logs, so a token in it may have no scope but ingest. This one has more.",
    fix: "Send it as `Authorization: Bearer TOKEN`.",
  },
  "missing-csrf-token": {
    status: 403,
    remedy: "sign-in",
    text: "A request that changes something came with a session's cookie and without its CSRF token.",
    fix: "Send `csrf` of GET /v1/session as X-CSRF-Token.",
  },
  "sql-needs-all-projects": {
    status: 403,
    remedy: "sign-in",
    text: "This store has no logins for some projects, so SQL takes tokens for all projects only.",
    fix: 'Use a token whose projects are "*"; the other routes take this one.',
  },
  "gateway-only": {
    status: 403,
    remedy: "set-up",
    text: "The address is that of an RPC, which answers its gateway only.",
    fix: "Send requests to the API's address.",
  },
  "foreign-push": {
    status: 403,
    remedy: "set-up",
    text: "The address takes pushes of its own Pub/Sub subscription only.",
    fix: "Send requests to the API's address.",
  },
} as const satisfies Record<string, RefusalKind>;
