import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { ROUTES } from "../../../contract/routes.ts";
import type { Event, Int } from "../../event/event.ts";
import { parseJson, readExactly } from "../../event/exact-json.ts";
import { readLogs } from "../../event/values.ts";
import { Refusal } from "../../refusals/refusal.ts";
import { readProjectQuery } from "../access.ts";
import { readBody } from "../body.ts";
import {
  AdjustBody,
  AskedAnswer,
  ControlAnswer,
  EndBody,
  RunAnswer,
  RunsAnswer,
  RunsQuery,
  read,
  StopBody,
  TagsBody,
} from "../schemas.ts";
import type { Grant } from "../tokens.ts";
import { APPEND } from "./refusal-codes.ts";
import { parseQuery, type Route, readRun, type Services } from "./route.ts";

export const runRoutes: readonly Route[] = [
  {
    ...ROUTES.runs,
    operation: "listRuns",
    scope: "read",
    summary: "Lists runs with state, params, tags and the epoch-level summary of their metrics.",
    query: RunsQuery,
    answer: RunsAnswer,
    async serve(c, { store, access }) {
      const project = readProjectQuery(c, await access.grant(c, "read"));
      return c.json(await store.runs({ project, ...read(RunsQuery, parseQuery(c)) }));
    },
  },
  {
    ...ROUTES.run,
    operation: "getRun",
    refusals: ["unknown-run"],
    scope: "read",
    summary: "One run with params, tags, the summary of all its metrics, and who asked what of it.",
    answer: RunAnswer,
    async serve(c, { store, access }) {
      const project = readProjectQuery(c, await access.grant(c, "read"));
      return c.json((await store.run(project, readRun(c))) ?? unknownRun(c));
    },
  },
  {
    ...ROUTES.control,
    operation: "getControl",
    refusals: ["unknown-run"],
    scope: "ingest",
    summary: "What is asked of the run and not yet answered, for clients that have nothing to send.",
    answer: ControlAnswer,
    async serve(c, { store, access }) {
      const project = readProjectQuery(c, await access.grant(c, "ingest"));
      const control = (await store.control(project, [readRun(c)])).at(0) ?? unknownRun(c);
      const { project: _, ...asked } = control;
      return c.json(asked);
    },
  },
  {
    ...ROUTES.stop,
    operation: "stopRun",
    refusals: ["unknown-run", "run-ended", "invalid-logs", "logs-too-large", ...APPEND],
    scope: "control",
    summary: "Asks the run to stop, with a reason. Pending until the run ends or begins anew.",
    body: StopBody,
    answer: AskedAnswer,
    status: 202,
    serve: (c, services) => askOpenRun(c, services, "stop_requested", StopBody),
  },
  {
    ...ROUTES.adjust,
    operation: "adjustRun",
    refusals: ["unknown-run", "run-ended", "invalid-logs", "logs-too-large", ...APPEND],
    scope: "control",
    summary: "Asks the run to set something to another value, with a reason: `learning_rate` where a callback trains.",
    body: AdjustBody,
    answer: AskedAnswer,
    status: 202,
    serve: (c, services) => askOpenRun(c, services, "adjust_requested", AdjustBody),
  },
  {
    ...ROUTES.end,
    operation: "endRun",
    refusals: ["unknown-run", "run-ended", "invalid-logs", "logs-too-large", ...APPEND],
    scope: "control",
    summary: "Says of a run whose process is gone that it has ended. Its next event takes that back.",
    body: EndBody,
    answer: AskedAnswer,
    status: 202,
    serve: (c, services) => askOpenRun(c, services, "end_marked", EndBody),
  },
  {
    ...ROUTES.tags,
    operation: "tagRun",
    refusals: ["unknown-run", "invalid-logs", "logs-too-large", ...APPEND],
    scope: "control",
    summary: "Sets tags: name, note and archived are shown as columns, null removes a tag. Who did it is kept.",
    body: TagsBody,
    answer: AskedAnswer,
    status: 202,
    async serve(c, services) {
      const grant = await services.access.grant(c, "control");
      const tags = readExactly(await readBody(c), (body, isExact) =>
        readLogs(read(TagsBody, body).tags, "tags", isExact),
      );
      const highest = await services.store.tagSeq(readProjectQuery(c, grant), readRun(c));
      if (highest === null) return unknownRun(c);
      return record(c, services, grant, { kind: "tags", logs: tags, notBefore: highest });
    },
  },
];

interface Asked extends Pick<Event, "kind" | "logs"> {
  /** A seq that this must not stand before: the trainer's clock may be ahead of ours. */
  notBefore?: Int;
}

/** Appends what someone asked of a run, with who it was. */
async function record(
  c: Context,
  { store, now }: Services,
  grant: Grant,
  { kind, logs, notBefore = 0 }: Asked,
): Promise<Response> {
  const createdAt = now() * 1000;
  const event: Event = {
    project: readProjectQuery(c, grant),
    run: readRun(c),
    id: randomUUID(),
    writer: "server",
    seq: notBefore > createdAt ? notBefore : createdAt,
    kind,
    actor: grant.actor,
    epoch: null,
    step: null,
    batch: null,
    createdAt,
    sentSkew: null,
    logs,
  };
  const { accepted, duplicates, conflicts, purged } = await store.append([event]);
  if (purged !== undefined) unknownRun(c);
  return c.json({ event_id: event.id, accepted, duplicates, conflicts }, 202);
}

/** Records what is asked of a run that has not ended, and refuses where it has. */
async function askOpenRun(
  c: Context,
  services: Services,
  kind: string,
  body: typeof StopBody | typeof AdjustBody | typeof EndBody,
): Promise<Response> {
  const grant = await services.access.grant(c, "control");
  const asked = read(body, parseJson(await readBody(c)));
  const { state } = (await services.store.run(readProjectQuery(c, grant), readRun(c))) ?? unknownRun(c);
  if (state !== "running" && state !== "lost")
    throw new Refusal("run-ended", `The run has ${state === "stopped" ? "been stopped" : state} already.`);
  return record(c, services, grant, { kind, logs: readLogs(asked, "body", true) });
}

function unknownRun(c: Context): never {
  throw new Refusal("unknown-run", `There is no run ${readRun(c)} in this project.`, { field: "run" });
}
