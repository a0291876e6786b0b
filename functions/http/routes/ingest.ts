import type { Context } from "hono";
import { ROUTES } from "../../../contract/routes.ts";
import { type Event, RESERVED_KINDS } from "../../event/event.ts";
import { type Envelope, parseEvents, parseNdjson, parsePaper } from "../../event/formats.ts";
import { readProject } from "../../event/values.ts";
import { Warnings } from "../../event/warnings.ts";
import { Refusal } from "../../refusals/refusal.ts";
import type { Appended } from "../../stores/store.ts";
import { homeProject, requireProject, requireScope } from "../access.ts";
import { readBody } from "../body.ts";
import { IngestAnswer, IngestBody, PaperEvent, PaperQuery, read } from "../schemas.ts";
import type { Grant } from "../tokens.ts";
import { APPEND } from "./refusal-codes.ts";
import { parseQuery, type Route, type Services } from "./route.ts";

/** What events can be refused with. */
const EVENTS = [
  "no-event",
  "not-an-event",
  "unknown-field",
  "invalid-name",
  "invalid-integer",
  "invalid-time",
  "invalid-logs",
  "invalid-metrics",
  "reserved-kind",
  "too-many-events",
  "logs-too-large",
  ...APPEND,
] as const;

export const ingestRoutes: readonly Route[] = [
  {
    ...ROUTES.events,
    operation: "appendEvents",
    refusals: EVENTS,
    scope: "ingest",
    summary: "Appends one event, an array, {events, sent_at} or NDJSON. All of a request is stored, or none of it.",
    body: IngestBody,
    accepts: ["application/json", "application/x-ndjson"],
    answer: IngestAnswer,
    async serve(c, services) {
      const { grant } = await services.access.any(c);
      const isNdjson = (c.req.header("content-type") ?? "").startsWith("application/x-ndjson");
      return ingest(c, services, grant, isNdjson ? parseNdjson : parseEvents);
    },
  },
  {
    ...ROUTES.paper,
    operation: "appendPaperEvent",
    refusals: [...EVENTS, "token-in-url"],
    scope: "ingest",
    summary: "Appends one event in the paper's format. The token may stand in the URL as ?token=.",
    query: PaperQuery,
    body: PaperEvent,
    answer: IngestAnswer,
    async serve(c, services) {
      const { token } = read(PaperQuery, parseQuery(c));
      const grant =
        token === undefined ? (await services.access.any(c)).grant : onlyIngest(await services.verify(token));
      return ingest(c, services, grant, parsePaper);
    },
  },
];

async function ingest(
  c: Context,
  { store, now }: Services,
  grant: Grant,
  parse: (text: string, envelope: Envelope) => Event[],
): Promise<Response> {
  requireScope(grant, "ingest");
  const named = c.req.query("project");
  const home = named === undefined ? homeProject(grant) : readProject(named, "project");
  const warnings = new Warnings();
  const events = parse(await readBody(c), { project: home, now: now(), warnings });
  const projects = new Set<string>();
  for (const { project, kind } of events) {
    projects.add(project);
    if (RESERVED_KINDS.has(kind)) {
      throw new Refusal("reserved-kind", `Only the server writes events of kind ${kind}.`, {
        field: "kind",
        fix: "Ask for it through its own route.",
      });
    }
  }
  for (const project of projects) requireProject(grant, project);
  const { control, ...counted } = await store.append(events);
  const told = warnings.all.length === 0 ? {} : { warnings: warnings.all };
  return c.json({ ...counted, control: controlByRun(control, projects.size > 1), ...told });
}

/**
 * Keys are run ids; in a request that mixes projects they are `project/run`, since two projects may
 * use one run id.
 */
function controlByRun(control: Appended["control"], mixed: boolean): Record<string, unknown> {
  return Object.fromEntries(control.map(({ project, run, ...asked }) => [mixed ? `${project}/${run}` : run, asked]));
}

/** A token in a URL ends up in logs, so it may do no more than append. */
function onlyIngest(grant: Grant): Grant {
  if (grant.scopes.every((scope) => scope === "ingest")) return grant;
  throw new Refusal("token-in-url", "A token with more than the scope ingest may not stand in a URL.", {
    field: "token",
    fix: "Send it as `Authorization: Bearer TOKEN`.",
  });
}
