import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import { LIMITS } from "../event/event.ts";
import { PLAIN_METRICS } from "../event/plain-metrics.ts";
import { typeName } from "../event/values.ts";
import { Refusal } from "../refusals/refusal.ts";

/**
 * What requests and answers look like. Queries and small bodies are read with these, and the
 * OpenAPI description is made of them.
 */

z.config(en());

/** No store has a place for NUL in text. */
const noNul = z.refine<string>((text) => !text.includes("\u0000"), "It has a NUL character");
const name = z.string().check(z.minLength(1), z.maxLength(LIMITS.name), noNul);
const many = z.pipe(
  z.transform((value) => (value === undefined ? [] : Array.isArray(value) ? value : [value])),
  z.array(name).check(z.maxLength(200)),
);
const count = (lowest: number, highest: number) =>
  z.pipe(
    z.transform((value) => (typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value)),
    z.int().check(z.minimum(lowest), z.maximum(highest)),
  );
const fraction = z.pipe(
  z.transform((value) => (typeof value === "string" && /^0(\.\d{1,6})?$/.test(value) ? Number(value) : value)),
  z.number().check(z.minimum(0), z.maximum(0.999999)),
);
const flag = z.pipe(
  z.transform((value) => (value === "true" ? true : value === "false" ? false : value)),
  z.boolean(),
);
/** A place in the log is an int64. */
const cursor = z.string().check(
  z.regex(/^\d{1,19}$/, { abort: true }),
  z.refine<string>((text) => BigInt(text) < 2n ** 63n, "It is too large"),
);
export const isCursor = (text: string): boolean => z.safeParse(cursor, text).success;

export const RunsQuery = z.object({
  state: z
    .optional(z.enum(["running", "finished", "failed", "stopped", "lost"]))
    .check(z.describe("Only runs in this state.")),
  text: z.optional(name).check(z.describe("Only runs with this text in their name or id, whatever the case.")),
  archived: z
    .optional(flag)
    .check(z.describe("true: only archived runs; false: only others. Both where it is left out.")),
  sort: z
    ._default(z.enum(["-started_at", "started_at", "name", "-last_event_at"]), "-started_at")
    .check(z.describe("The order; a minus is the newest first.")),
  limit: z
    ._default(count(1, 1000), 100)
    .check(z.describe("Runs in one answer at the most; fewer where they have thousands of metrics.")),
  page: z
    .optional(z.string().check(z.regex(/^\d{1,9}$/)))
    .check(z.describe("`next` of the answer before, to go on behind it.")),
});

export const SeriesQuery = z.object({
  run: many.check(z.describe("The id of a run; several times for several, 200 at the most.")),
  metric: many.check(
    z.describe("The name of a metric without its split (`val_`, `test/`); several times for several."),
  ),
  x: z
    ._default(z.enum(["epoch", "step", "time"]), "step")
    .check(
      z.describe("The axis: epoch, step, or time in ms since 1970 UTC. A point that was sent without it is left out."),
    ),
  points: z
    ._default(count(10, 10_000), 500)
    .check(z.describe("Points of a series at the most; the lowest and the highest of each bucket are kept.")),
  smoothing: z
    .optional(fraction)
    .check(z.describe("Weight of a moving average over all points, below 1: adds `smoothed` at each x.")),
  means: z
    .optional(flag)
    .check(z.describe("true: the mean and count of each bucket of x, instead of its lowest and highest value.")),
  writers: z
    .optional(flag)
    .check(z.describe("true: a series for each writer, such as the ranks of a run, with its name as `writer`.")),
  split: z.optional(z.enum(["train", "validation", "test"])).check(z.describe("Only this split.")),
  level: z.optional(z.enum(["batch", "epoch"])).check(z.describe("Only points of batches, or only of epochs.")),
});

export const StreamQuery = z.object({
  after: z
    .optional(cursor)
    .check(z.describe("The cursor to go on from, as an earlier answer gave it; the end of the log unless given.")),
  run: many.check(z.describe("Only events of this run; several times for several. All where it is left out.")),
  backlog: z
    .optional(count(1, 1_000_000))
    .check(z.describe("Past this many waiting events the stream says `reset` and goes on at the end of the log.")),
});

/** For clients that can set no header. */
export const PaperQuery = z.object({
  token: z
    .optional(z.string())
    .check(z.describe("A token with the scope ingest and no other, for clients that can set no header.")),
});
export const StopBody = z.strictObject({ reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(2_000)) });
export const AdjustBody = z.strictObject({
  ...StopBody.shape,
  name: name.check(z.describe("What is to change: `learning_rate`, or what the training's own loop asks for.")),
  // -0 is no other value than 0.
  value: z.pipe(
    z.number(),
    z.transform((value) => value + 0),
  ),
});
export const EndBody = z.strictObject({
  ...StopBody.shape,
  status: z._default(z.enum(["stopped", "failed", "finished"]), "stopped"),
});
export const TagsBody = z.strictObject({ tags: z.record(name, z.unknown()) });
export const SqlBody = z.strictObject({ sql: z.string().check(z.minLength(1), z.maxLength(100_000), noNul) });
export const SessionBody = z.strictObject({ token: z.string().check(z.minLength(1), z.maxLength(8_192)) });

const num = z.strictObject({ $num: z.string() });
const int = z.union([z.int(), num]);

/**
 * One event as a client sends it. `event-formats.ts` reads it by hand, since it is what there is
 * most of.
 */
const eventFields = {
  project: z.optional(z.string()),
  run_id: name,
  event_id: z.optional(name),
  writer: z.optional(z.string().check(z.maxLength(LIMITS.name))),
  seq: z.optional(z.nullable(int)),
  epoch: z.optional(z.nullable(int)),
  step: z.optional(z.nullable(int)),
  batch: z.optional(z.nullable(int)),
  created_at: z.optional(z.string()),
  sent_at: z.optional(z.nullable(z.string())),
};
const anyObject = z.record(z.string(), z.unknown());
export const EventKind = z.string().check(z.minLength(1), z.maxLength(LIMITS.name), noNul);
export const NativeEvent = z.union([
  z.strictObject({ ...eventFields, kind: EventKind, logs: z.optional(z.nullable(anyObject)) }),
  z.strictObject({
    ...eventFields,
    kind: z.literal(PLAIN_METRICS),
    split: z.optional(z.enum(["train", "validation", "test"])),
    values: anyObject,
  }),
]);

export const IngestBody = z.union([
  NativeEvent,
  z.array(NativeEvent),
  z.strictObject({ events: z.array(NativeEvent), sent_at: z.optional(z.nullable(z.string())) }),
]);

export const PaperEvent = z.object({
  id: name,
  description: name,
  created_at: z.union([z.string(), z.number()]),
  logs: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
  epoch: z.optional(z.nullable(int)),
});

const asked = {
  event_id: z.string(),
  actor: z.nullable(z.string()),
  reason: z.nullable(z.string()),
  at: z.string(),
};
const control = {
  stop: z.nullable(z.strictObject(asked)),
  adjust: z
    .optional(z.record(z.string(), z.strictObject({ ...asked, value: z.number() })))
    .check(z.describe("By name, what is to be set to another value; absent where nothing is.")),
};
const counted = { accepted: z.int(), duplicates: z.int(), conflicts: z.array(z.string()) };
export const IngestAnswer = z.strictObject({
  ...counted,
  purged: z.optional(z.array(z.string())),
  control: z
    .record(z.string(), z.strictObject(control))
    .check(z.describe("By run id; by `project/run` where the events of the request are of several projects.")),
  warnings: z.optional(z.array(z.strictObject({ field: z.string(), detail: z.string(), fix: z.string() }))),
});
/** What becomes of something that is asked of a run. */
export const AskedAnswer = z.strictObject({ event_id: z.string(), ...counted });
export const ControlAnswer = z.strictObject({ run: z.string(), ...control });
export const SessionAnswer = z.strictObject({
  actor: z.string(),
  scopes: z.array(z.string()),
  projects: z.array(z.string()),
  csrf: z
    .optional(z.string())
    .check(z.describe("Sent as X-CSRF-Token beside the cookie, which alone opens nothing. Only of a session.")),
});
export const SqlAnswer = z.strictObject({
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  truncated: z.boolean(),
  ms: z.number(),
});
const value = z.union([z.number(), num]);
const Summary = z.strictObject({
  metric: z.string(),
  split: z.string(),
  level: z.string(),
  points: z.int(),
  first: value,
  last: value,
  best: z.nullable(z.number()),
  min: z.nullable(z.number()),
  max: z.nullable(z.number()),
  lower_is_better: z.nullable(z.boolean()),
});
const run = {
  project: z.string(),
  run: z.string(),
  name: z.string(),
  state: z.string(),
  started_at: z.string(),
  ended_at: z.nullable(z.string()),
  last_event_at: z.string(),
  note: z.nullable(z.string()),
  archived: z.boolean(),
  params: z.record(z.string(), z.unknown()),
  tags: z.record(z.string(), z.unknown()),
  summary: z.array(Summary),
  summary_truncated: z.optional(z.literal(true)).check(z.describe("The run has more metrics than are given.")),
};
export const RunsAnswer = z.strictObject({
  runs: z.array(z.strictObject(run)),
  next: z.nullable(z.string()),
  cursor: z.string(),
});
export const RunAnswer = z.strictObject({
  ...run,
  ...control,
  audit: z.array(
    z.strictObject({
      event_id: z.string(),
      kind: z.string(),
      actor: z.nullable(z.string()),
      at: z.string(),
      logs: z.nullable(z.record(z.string(), z.unknown())),
    }),
  ),
});
export const SeriesAnswer = z.strictObject({
  series: z.array(
    z.strictObject({
      run: z.string(),
      metric: z.string(),
      split: z.string(),
      level: z.string(),
      writer: z.optional(z.string()),
      total: z.int(),
      x: z.array(z.number()),
      y: z.array(z.nullable(z.number())),
      marks: z.array(z.tuple([z.int(), z.string()])),
      smoothed: z.optional(z.array(z.nullable(z.number()))),
      average: z.optional(z.strictObject({ value: z.number(), count: z.int() })),
      counts: z.optional(z.array(z.int())),
      width: z.optional(z.number()),
    }),
  ),
  cursor: z.string(),
});
/** Server-sent events: `hello` and `reset` with a cursor, `events` with a list of events. */
export const StreamAnswer = z.string();
/** RFC 9457, with a code and what is needed to put it right. */
export const ErrorDocument = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  field: z.optional(z.string()),
  found: z.optional(z.string()),
  fix: z.optional(z.string()),
});

/** Reads a value by a schema or refuses it, naming the place of the first thing that is wrong. */
export function read<S extends z.ZodMiniType>(schema: S, value: unknown): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path.map(String).join(".") || (issue.code === "unrecognized_keys" ? issue.keys.join(", ") : "");
  const found = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
  throw new Refusal("invalid-request", `${field || "The body"} is not valid: ${issue.message}.`, {
    field,
    found: typeName(found),
  });
}
