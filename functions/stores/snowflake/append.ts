import { randomUUID } from "node:crypto";
import type { Event, Int } from "../../event/event.ts";
import { Answers, type ControlRow, runsOf, toControl } from "../answers.ts";
import { type StandingRow, toStanding } from "../driver-rows.ts";
import { distinct, eventKey, sameBody } from "../duplicates.ts";
import { numbersIn } from "../metric-numbers.ts";
import type { RunName } from "../run-key.ts";
import type { Appended, RunControl } from "../store.ts";
import { type Connection, isPassing, type Statement } from "./connection.ts";
import { randomStart } from "./position.ts";
import { insertOfPages, statementOf } from "./statements.ts";

/** An insert is ended by then. */
const INSERT_SECONDS = 30;
/**
 * From its mark on, an append must have sent its events within this time; a function may be frozen
 * in between.
 */
const PREPARE_MS = 15_000;
/**
 * An append that is not done this long after its mark stored nothing and never will: the sum of
 * both, and spare.
 */
export const APPEND_LASTS_MS = 60_000;
/** Of one bind: a value of up to 16 MB is taken by every account. */
const PAGE_BYTES = 8_000_000;

/**
 * Inserts the events of several requests in one statement, which is one transaction, and answers
 * each for itself. Since Snowflake enforces no key, those that stand there already are looked for
 * first. Between the look and the insert another writer may store the same event: then it stands
 * there twice, both answer "accepted", and every view and read takes the first of the two.
 */
export async function appendTogether(db: Connection, requests: (readonly Event[])[]): Promise<Appended[]> {
  const answers = new Answers(requests);
  const { events, owners, repeats } = distinct(requests);
  const append = randomUUID();
  const begun = Date.now();
  const [standing] = await Promise.all([standingOf(db, events), mark(db, append, false)]);

  const fresh: Event[] = [];
  events.forEach((event, index) => {
    const request = owners[index] as number;
    const first = standing.get(eventKey(event));
    if (first !== undefined) answers.countStanding(request, event, sameBody(first, event));
    else {
      fresh.push(event);
      answers.countAccepted(request);
    }
  });
  for (const { event, first, request } of repeats)
    answers.countStanding(request, event, sameBody(standing.get(eventKey(event)) ?? first, event));
  if (fresh.length > 0) {
    if (Date.now() - begun > PREPARE_MS) return appendTogether(db, requests);
    try {
      await insert(db, fresh);
    } catch (error) {
      // The server says that it stored nothing, so readers need not wait. Where it says nothing,
      // they have to.
      if (!isPassing(error)) await mark(db, append, true);
      throw error;
    }
  }
  const runs = runsOf(requests.flat());
  const [control] = await Promise.all([readControl(db, runs), mark(db, append, true)]);
  answers.tellControl(control);
  return answers.all;
}

async function mark(db: Connection, append: string, done: boolean): Promise<void> {
  await db.rows({ ...statementOf("mark", { append, done }), timeoutSeconds: INSERT_SECONDS });
}

async function insert(db: Connection, events: readonly Event[]): Promise<void> {
  const start = randomStart();
  const rows = events.map((event, index) => insertRow(event, start + index));
  await db.rows({ ...insertOf(rows), timeoutSeconds: INSERT_SECONDS });
}

/**
 * A row of insert.sql; what is null is left out.
 * @param ordinal within the ms in which the statement begins
 */
export function insertRow(event: Event, ordinal: number): object {
  const now = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  const createdAt = event.createdAt ?? now;
  const numbers = numbersIn(event);
  return {
    project: event.project,
    run: event.run,
    id: event.id,
    writer: event.writer,
    seq: intText(event.seq),
    kind: event.kind,
    actor: event.actor ?? undefined,
    epoch: intText(event.epoch),
    step: intText(event.step),
    batch: intText(event.batch),
    created_at: timestamp(createdAt),
    sent_skew: intText(event.sentSkew),
    received_at: event.receivedAt === undefined ? undefined : timestamp(event.receivedAt),
    logs: event.logs ?? undefined,
    numbers: numbers.length === 0 ? undefined : numbers.map(([key, text]) => ({ key, text })),
    ordinal,
  };
}

/**
 * One statement for all rows. Snowflake takes an array of binds with VALUES only, where PARSE_JSON
 * may not stand.
 */
export function insertOf(rows: readonly object[]): Pick<Statement, "sql" | "binds"> {
  const pages: string[][] = [[]];
  let bytes = 0;
  for (const row of rows.map((one) => JSON.stringify(one))) {
    const size = Buffer.byteLength(row);
    if (bytes > 0 && bytes + size > PAGE_BYTES) {
      pages.push([]);
      bytes = 0;
    }
    pages.at(-1)?.push(row);
    bytes += size;
  }
  return insertOfPages(pages.map((page) => `[${page.join(",")}]`));
}

const intText = (value: Int | null): string | undefined => (value === null ? undefined : String(value));

/** µs since 1970 as SQL writes a time, in UTC. */
function timestamp(micros: number): string {
  const ms = Math.floor(micros / 1000);
  const [day, time] = new Date(ms).toISOString().split("T") as [string, string];
  return `${day} ${time.slice(0, -1)}${String(micros - ms * 1000).padStart(3, "0")}`;
}

async function standingOf(db: Connection, events: readonly Event[]): Promise<Map<string, Event>> {
  const asked = events.map(({ project, id }) => ({ project, id }));
  const rows = await db.rows<StandingRow>({
    ...statementOf("compare", { events: asked }),
    timeoutSeconds: INSERT_SECONDS,
  });
  return new Map(rows.map((row) => [eventKey(row), toStanding(row)]));
}

/** Reads what is asked of runs and not yet answered; runs without events are absent. */
export async function readControl(db: Connection, runs: readonly RunName[]): Promise<RunControl[]> {
  const statement = statementOf("control", { runs });
  return toControl(await db.rows<ControlRow>({ ...statement, timeoutSeconds: INSERT_SECONDS }));
}
