import { setUp, signIn } from "./kind.ts";

/** Refusals over who asks. */
export const ACCESS_REFUSALS = {
  "missing-token": signIn(401, "The request has no token.", "Send `Authorization: Bearer TOKEN`."),
  "invalid-token": signIn(
    401,
    "The token is not one of this installation, or the key that signed it is no longer in use.",
    "Send `Authorization: Bearer TOKEN` with a token of this installation.",
  ),
  "expired-token": signIn(
    401,
    "The token was good until a time that has passed.",
    "Make a new token and send `Authorization: Bearer TOKEN` with it.",
  ),
  "revoked-token": signIn(
    401,
    "The token was taken back.",
    "Make a new token and send `Authorization: Bearer TOKEN` with it.",
  ),
  "missing-scope": signIn(
    403,
    "The token does not have the scope that this route needs.",
    "Use a token with that scope: ingest to send events, read to look, control to stop and tag runs.",
  ),
  "other-project": signIn(
    403,
    "The token is not good for this project.",
    "Use a token for the project, or name one that the token is good for with ?project=.",
  ),
  "token-in-url": signIn(
    403,
    "A URL ends up in logs, so a token in it may have no scope but ingest. This one has more.",
    "Send it as `Authorization: Bearer TOKEN`.",
  ),
  "missing-csrf-token": signIn(
    401,
    "A request came with a session's cookie and without its CSRF token, or with one of another session.",
    "Send `csrf` of the answer to POST /v1/session as X-CSRF-Token, or log in again.",
  ),
  "sql-needs-all-projects": signIn(
    403,
    "This store has no logins for some projects, so SQL takes tokens for all projects only.",
    'Use a token whose projects are "*"; the other routes take this one.',
  ),
  "gateway-only": setUp(
    403,
    "The address is that of an RPC, which answers its gateway only.",
    "Send requests to the API's address.",
  ),
  "foreign-push": setUp(
    403,
    "The address takes pushes of its own Pub/Sub subscription only.",
    "Send requests to the API's address.",
  ),
};
