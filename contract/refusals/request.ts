import { change, setUp } from "./kind.ts";

/** Refusals over what was sent: its form, its values, its size and what it asks for. */
export const REQUEST_REFUSALS = {
  "not-json": change(
    400,
    "The body is not JSON.",
    "Send JSON: one event, an array of events, or one event a line as application/x-ndjson.",
  ),
  "not-utf8": change(400, "The body is not UTF-8.", "Encode the body as UTF-8."),
  "not-gzip": change(
    400,
    "Content-Encoding says gzip, and the body is not gzip or breaks off.",
    "Gzip the body, or leave the header out.",
  ),
  "unknown-encoding": change(
    415,
    "The body has a Content-Encoding other than gzip.",
    "Send gzip, or the body as it is.",
  ),
  "invalid-request": change(
    400,
    "A parameter or a field of the body is missing or not valid.",
    "See /openapi.json for what this route takes.",
  ),
  "no-event": change(400, "The request has no event.", "Send at least one event."),
  "not-an-event": change(
    400,
    "Something that is no JSON object, or no list, stands where events are expected.",
    'Send an object such as {"run_id": "r1", "kind": "on_epoch_end", "epoch": 0, "logs": {"loss": 0.3}}.',
  ),
  "unknown-field": change(
    400,
    "An event, or what stands around events, has a field that is not known.",
    "Put values of your own into logs.",
  ),
  "invalid-project": change(
    400,
    "The name of a project is not valid.",
    "Use 1 to 100 letters, digits, dots, dashes or underscores, starting with a letter or digit.",
  ),
  "invalid-name": change(
    400,
    "A run, an event id, a writer or a kind is not a text of 1 to 250 printable characters.",
    "Send text of 1 to 250 characters without control characters.",
  ),
  "invalid-integer": change(
    400,
    "A counter such as epoch, step or seq is not a whole number of 64 bits.",
    "Send an integer without quotes, or leave the field out.",
  ),
  "invalid-time": change(
    400,
    "A time is not ISO 8601, or no day of the calendar.",
    'Send ISO 8601 in UTC, such as "2026-01-31T12:00:00.123456Z".',
  ),
  "invalid-metrics": change(
    400,
    "An event of kind metrics has no values, values beside logs, or a split that is none.",
    'Send {"run_id": "r1", "kind": "metrics", "epoch": 0, "split": "validation", "values": {"loss": 0.3}}.',
  ),
  "invalid-logs": change(
    400,
    "logs is not a JSON object, or holds a value that no store can keep.",
    'Send an object, such as {"loss": 0.3, "accuracy": 0.9}, or leave the field out.',
  ),
  "reserved-kind": change(
    403,
    "Events of this kind say who did something, and only the server writes them.",
    "Ask for it through its own route, or use another kind.",
  ),
  "body-too-large": change(
    413,
    "The body has more bytes than this installation takes, as it is or inflated.",
    "Send fewer events at a time, or gzip them.",
  ),
  "too-many-events": change(
    413,
    "The request has more events than one request may carry.",
    "Send fewer events at a time.",
  ),
  "too-many-values": change(
    413,
    "The body has more JSON values than one request may carry.",
    "Send fewer events at a time.",
  ),
  "logs-too-large": change(
    413,
    "The logs of one event have more bytes than an event may carry.",
    "Send less in one event.",
  ),
  "event-too-large": change(
    413,
    "With queued delivery, one event is larger than a message of the queue.",
    "Send less in its logs, or set delivery to direct.",
  ),
  "too-many-points": change(
    400,
    "The query asks for more points than one answer may carry: runs times metrics times points.",
    "Ask for fewer points, runs or metrics at a time.",
  ),
  "unknown-run": change(
    404,
    "The project has no run of this name, or it was purged.",
    "List the runs at /v1/runs, or name another project with ?project=.",
  ),
  "run-ended": change(
    409,
    "The run has ended, so it cannot be stopped, adjusted or marked as ended.",
    "Only a run that has not ended can be.",
  ),
  "unknown-path": setUp(
    404,
    "There is nothing at this path.",
    "See /openapi.json for what there is; check the address.",
  ),
  "wrong-method": setUp(
    405,
    "The path does not take this method. The header Allow names those that it takes.",
    "Use one of the methods that Allow names.",
  ),
  "wrong-host": setUp(
    421,
    "The Host header names another server than this one.",
    "Use the address that the server was started with.",
  ),
};
