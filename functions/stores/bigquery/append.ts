import type { Event } from "../../event/event.ts";
import { Refusal } from "../../refusals/refusal.ts";
import { Answers, runsOf } from "../answers.ts";
import { type StandingRow, toStanding } from "../driver-rows.ts";
import { distinct, eventKey, sameBody } from "../duplicates.ts";
import type { Appended, RunControl } from "../store.ts";
import type { BigqueryLogin, Client } from "./client.ts";
import type { ControlCache } from "./control.ts";
import { type InsertRow, insertRowOf } from "./event-rows.ts";
import { reasonOf, retrying } from "./retrying.ts";
import type { Ask } from "./statements.ts";

export interface AppendContext {
  client: Client;
  login: BigqueryLogin;
  ask: Ask;
  control: ControlCache;
  clock: Clock;
}

/** µs since 1970, never the same twice: the position of an event in the log. */
export type Clock = () => number;

/** How long an insert is tried, from the moment its rows were given their positions. */
export const INSERT_LASTS_MS = 8_000;
const INSERT_TIMEOUT_MS = 6_000;
/** The vendor takes 10 MB and 50,000 rows a request. */
export const INSERT_BYTES = 9_000_000;
/**
 * How far back an id is looked for: an event sent again later counts as accepted, and the views
 * still show it once.
 */
const LOOK_BACK_MS = 30 * 24 * 3_600_000;
/**
 * An id (UUID v7) that was made just now cannot stand in the log already but for a resend that
 * `insertId` catches.
 */
const JUST_NOW_MS = 5_000;

/**
 * Appends the events of several requests by tabledata.insertAll, and answers each for itself.
 *
 * insertAll, because an acknowledged row is durable and can be read within seconds, at one HTTPS
 * request of about 100 ms and 0.05 USD a GB of rows of at least 1 kB
 * (https://cloud.google.com/bigquery/pricing#data_ingestion_pricing). The Storage Write API costs
 * half and has offsets, but is gRPC with protocol buffers, a driver larger than all of this bundle,
 * and one stream a process would be needed to gain by them. A DML statement is a job of a second or
 * more, 10 MB of billed bytes at the least where it looks for duplicates, and at most 20 wait for
 * one table.
 *
 * Whether an event stands in the log already is looked up only where that can be, since each look
 * is a query: not for ids that were made just now. What two writers store in a race, and what is
 * not looked up, is there twice; the views take the first. A request of more than 9 MB is several
 * inserts, of which the last may fail alone: it is refused, and sent again it is completed. Rows
 * cannot be changed or deleted by DML for 30 minutes after insertAll.
 */
export async function appendTogether(context: AppendContext, requests: (readonly Event[])[]): Promise<Appended[]> {
  const answers = new Answers(requests);
  const { events, owners, repeats } = distinct(requests);
  const doubtful = events.filter(({ id }) => !isJustMade(id, Date.now()));

  const stood = await look(context, doubtful);
  const missing = events.filter((event) => !stood.has(eventKey(event)));
  const positions = await insert(context, missing);
  context.control.forget(missing);
  // Another writer may have been quicker.
  const standing = await look(
    context,
    doubtful.filter((event) => positions.has(event)),
  );

  const firsts = new Map<string, Event>();
  events.forEach((event, index) => {
    const request = owners[index] as number;
    const key = eventKey(event);
    const found = stood.get(key) ?? standing.get(key);
    firsts.set(key, found?.event ?? event);
    if (found === undefined || found.pos === positions.get(event)) answers.countAccepted(request);
    else answers.countStanding(request, event, sameBody(found.event, event));
  });
  for (const { event, request } of repeats)
    answers.countStanding(request, event, sameBody(firsts.get(eventKey(event)) as Event, event));

  await tellControl(context, requests.flat(), answers);
  return answers.all;
}

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function isJustMade(id: string, now: number): boolean {
  const [, high, low] = UUID_V7.exec(id) ?? [];
  if (high === undefined || low === undefined) return false;
  return Math.abs(now - Number.parseInt(high + low, 16)) < JUST_NOW_MS;
}

function byProject(events: readonly Event[]): Map<string, Event[]> {
  const groups = new Map<string, Event[]>();
  for (const event of events) {
    const group = groups.get(event.project);
    if (group === undefined) groups.set(event.project, [event]);
    else group.push(event);
  }
  return groups;
}

interface Standing {
  pos: number;
  event: Event;
}

interface CompareRow extends StandingRow {
  pos: string;
}

/**
 * What stands in the log under the identities of these events; nothing where that cannot be told
 * now.
 */
async function look({ ask }: AppendContext, events: readonly Event[]): Promise<Map<string, Standing>> {
  const found = new Map<string, Standing>();
  const since = (Date.now() - LOOK_BACK_MS) * 1000;
  await Promise.all(
    [...byProject(events)].map(async ([project, own]) => {
      const rows = await ask<CompareRow>("compare", { project, since, ids: own.map(({ id }) => id) }).catch(() => []);
      for (const row of rows) found.set(eventKey(row), { pos: Number(row.pos), event: toStanding(row) });
    }),
  );
  return found;
}

interface InsertAnswer {
  insertErrors?: { index: number; errors: { reason: string; message: string; location?: string }[] }[];
}

/** Gives the position of each event. */
async function insert({ client, login, clock }: AppendContext, events: readonly Event[]): Promise<Map<Event, number>> {
  const positions = new Map<Event, number>();
  for (const rows of bodies(events, clock, positions)) {
    const { insertErrors = [] } = await retrying(
      () =>
        client<InsertAnswer>("POST", `/datasets/${login.dataset}/tables/events/insertAll`, {
          json: { rows },
          timeoutMs: INSERT_TIMEOUT_MS,
        }),
      { deadlineMs: INSERT_LASTS_MS - INSERT_TIMEOUT_MS },
    ).catch((error) => {
      throw reasonOf(error) === "notFound" ? notYet() : error;
    });
    const invalid = insertErrors.find(({ errors }) => errors.some(({ reason }) => reason !== "stopped"));
    if (invalid !== undefined) throw new RowRefused(invalid.errors[0]?.message ?? "invalid");
  }
  return positions;
}

/** The first rows of a new table are refused for up to two minutes. */
const notYet = () =>
  new Refusal("store-not-ready", "BigQuery knows no table of the log yet.", {
    fix: "Run the migrations; a table that was made just now takes rows after two minutes at the most.",
    retryAfter: 30,
  });

/** A row that BigQuery does not take; none of its request's rows was stored. */
export class RowRefused extends Error {}

/**
 * The rows of one request after another. They are given their positions when it is their turn:
 * readers wait so long and no longer.
 */
function* bodies(events: readonly Event[], clock: Clock, positions: Map<Event, number>): Generator<InsertRow[]> {
  let rows: InsertRow[] = [];
  let bytes = 0;
  const toRow = (event: Event): InsertRow => {
    const pos = clock();
    positions.set(event, pos);
    return insertRowOf(event, pos);
  };
  for (const event of events) {
    const row = toRow(event);
    const size = Buffer.byteLength(JSON.stringify(row));
    if (rows.length > 0 && bytes + size > INSERT_BYTES) {
      yield rows;
      rows = [toRow(event)];
      bytes = size;
    } else {
      rows.push(row);
      bytes += size;
    }
  }
  if (rows.length > 0) yield rows;
}

/** A run whose control cannot be read now is left out: it is unknown. */
async function tellControl({ control }: AppendContext, events: Event[], answers: Answers): Promise<void> {
  const asked: RunControl[] = [];
  const unknown = new Set<string>();
  for (const [project, own] of byProject(events)) {
    const runs = runsOf(own).map(({ run }) => run);
    const known = await control.read(project, runs).catch(() => null);
    if (known === null) unknown.add(project);
    else asked.push(...known);
  }
  answers.tellControl(asked, ({ project }) => unknown.has(project));
}
