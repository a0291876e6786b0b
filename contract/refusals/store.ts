import { change, retry, setUp } from "./kind.ts";

/** Refusals of what stands behind the API: the store, its SQL, the queue and the server itself. */
export const STORE_REFUSALS = {
  "store-unavailable": retry(
    503,
    "The database does not answer, or not in time.",
    "Send the same request again in a moment; no event is stored twice.",
  ),
  "store-busy": retry(
    503,
    "More requests wait for the database than there is room for.",
    "Send the same request again in a moment; no event is stored twice.",
  ),
  "store-full": retry(
    507,
    "The disk of the database is full.",
    "Give it room; clients keep their events meanwhile, and send them by themselves.",
  ),
  "store-not-ready": retry(
    503,
    "The tables of the log are not there, or not yet.",
    "Run the migrations; a table that was made just now takes rows after two minutes at the most.",
  ),
  "store-quota": retry(
    429,
    "A quota or a rate of the warehouse is used up. Retry-After says when it may go on.",
    "Send again after that time, or raise the quota; clients keep their events meanwhile.",
  ),
  "log-not-settled": retry(
    503,
    "Something older than the newest events is still being written, and readers wait for it.",
    "End the transaction that is open in the database, or try again later.",
  ),
  "server-ending": retry(
    503,
    "The server is ending.",
    "Send the same request again in a moment; no event is stored twice.",
  ),
  "queue-unavailable": retry(
    503,
    "The queue does not take events now.",
    "Send the same request again in a moment; no event is stored twice.",
  ),
  "rpc-unavailable": retry(
    503,
    "The RPC behind this API does not answer.",
    "Send it again in a moment; no event is stored twice.",
  ),
  "message-not-stored": retry(
    503,
    "A message of the queue could not be stored.",
    "The queue sends it again; the worker's log says why it failed.",
  ),
  "not-a-push": change(400, "The body is not a push of Pub/Sub.", "Send events to the API's address."),
  "invalid-sql": change(
    400,
    "The database refused the statement.",
    "Read from runs, metrics, latest_metrics, run_summary, audit or raw_link, in one SELECT.",
  ),
  "sql-not-a-query": change(400, "The statement is not a query.", "Use one SELECT, or WITH ... SELECT."),
  "sql-timeout": change(400, "The statement took longer than it may.", "Narrow it: a project, a run, a metric."),
  "sql-too-large": change(
    400,
    "The statement would read or give more bytes than it may.",
    "Narrow it: a project, a run, a metric; or fewer columns.",
  ),
  "sql-unavailable": setUp(
    503,
    "The database lets nobody make the login that a token for some projects needs.",
    "Give the owner's role CREATEROLE, or use a token for all projects.",
  ),
  "internal-error": retry(
    500,
    "The server met an error of its own. It has been logged under the request's id.",
    "Try again; if it stays, look for the id of the answer's X-Request-Id in the server's log.",
  ),
};
