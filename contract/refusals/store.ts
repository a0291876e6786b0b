import type { RefusalKind } from "./kind.ts";

/** Refusals of what stands behind the API: the store, its SQL, the queue and the server itself. */
export const STORE_REFUSALS = {
  "store-unavailable": {
    status: 503,
    remedy: "retry",
    text: "The database does not answer, or not in time.",
    fix: "Send the same request again in a moment; no event is stored twice.",
  },
  "store-busy": {
    status: 503,
    remedy: "retry",
    text: "More requests wait for the database than there is room for.",
    fix: "Send the same request again in a moment; no event is stored twice.",
  },
  "store-not-ready": {
    status: 503,
    remedy: "retry",
    text: "The tables of the log are not there, or not yet.",
    fix: "Run the migrations; a table that was made just now takes rows after two minutes at the most.",
  },
  "store-quota": {
    status: 429,
    remedy: "retry",
    text: "A quota or a rate of the warehouse is used up. Retry-After says when it may go on.",
    fix: "Send again after that time, or raise the quota; clients keep their events meanwhile.",
  },
  "log-not-settled": {
    status: 503,
    remedy: "retry",
    text: "Something older than the newest events is still being written, and readers wait for it.",
    fix: "End the transaction that is open in the database, or try again later.",
  },
  "server-ending": {
    status: 503,
    remedy: "retry",
    text: "The server is ending.",
    fix: "Send the same request again in a moment; no event is stored twice.",
  },
  "queue-unavailable": {
    status: 503,
    remedy: "retry",
    text: "The queue does not take events now.",
    fix: "Send the same request again in a moment; no event is stored twice.",
  },
  "rpc-unavailable": {
    status: 503,
    remedy: "retry",
    text: "The RPC behind this API does not answer.",
    fix: "Send it again in a moment; no event is stored twice.",
  },
  "message-not-stored": {
    status: 503,
    remedy: "retry",
    text: "A message of the queue could not be stored.",
    fix: "The queue sends it again; the worker's log says why it failed.",
  },
  "not-a-push": {
    status: 400,
    remedy: "change",
    text: "The body is not a push of Pub/Sub.",
    fix: "Send events to the API's address.",
  },
  "invalid-sql": {
    status: 400,
    remedy: "change",
    text: "The database refused the statement.",
    fix: "Read from runs, metrics, latest_metrics, run_summary, audit or raw_link, in one SELECT.",
  },
  "sql-not-a-query": {
    status: 400,
    remedy: "change",
    text: "The statement is not a query.",
    fix: "Use one SELECT, or WITH ... SELECT.",
  },
  "sql-timeout": {
    status: 400,
    remedy: "change",
    text: "The statement took longer than it may.",
    fix: "Narrow it: a project, a run, a metric.",
  },
  "sql-too-large": {
    status: 400,
    remedy: "change",
    text: "The statement would read or give more bytes than it may.",
    fix: "Narrow it: a project, a run, a metric; or fewer columns.",
  },
  "sql-unavailable": {
    status: 503,
    remedy: "set-up",
    text: "The database lets nobody make the login that a token for some projects needs.",
    fix: "Give the owner's role CREATEROLE, or use a token for all projects.",
  },
  "internal-error": {
    status: 500,
    remedy: "retry",
    text: "The server met an error of its own. It has been logged under the request's id.",
    fix: "Try again; if it stays, look for the id of the answer's X-Request-Id in the server's log.",
  },
} as const satisfies Record<string, RefusalKind>;
