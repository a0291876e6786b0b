import { randomUUID } from "node:crypto";
import type { Event, Int } from "../../event/event.ts";
import { intOf } from "../driver-rows.ts";
import { countStanding, distinct, sameBody } from "../duplicates.ts";
import { numbersIn } from "../metric-numbers.ts";
import { type Appended, type Control, controlKey } from "../store.ts";
import { type Connection, isPassing, type Statement } from "./connection.ts";
import { randomStart } from "./position.ts";
import { statements } from "./statements.ts";

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
  const answers: Appended[] = requests.map(() => ({ accepted: 0, duplicates: 0, conflicts: [], control: new Map() }));
  const { events, owners, repeats } = distinct(requests);
  const append = randomUUID();
  const begun = Date.now();
  const [standing] = await Promise.all([standingOf(db, events), mark(db, append, false)]);

  const fresh: Event[] = [];
  events.forEach((event, index) => {
    const answer = answers[owners[index] as number] as Appended;
    const first = standing.get(identity(event));
    if (first !== undefined) {
      countStanding(answer, event, sameBody(first, event));
      return;
    }
    fresh.push(event);
    answer.accepted += 1;
  });
  for (const { event, first, request } of repeats) {
    countStanding(answers[request] as Appended, event, sameBody(standing.get(identity(event)) ?? first, event));
  }
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
  const [control] = await Promise.all([readControl(db, requests.flat()), mark(db, append, true)]);

  requests.forEach((own, request) => {
    for (const { project, run } of own) {
      const key = controlKey(project, run);
      (answers[request] as Appended).control.set(key, control.get(key) ?? { stop: null });
    }
  });
  return answers;
}

const identity = ({ project, id }: { project: string; id: string }): string => `${project}\n${id}`;

async function mark(db: Connection, append: string, done: boolean): Promise<void> {
  await db.rows({ sql: statements.mark, binds: [append, done], timeoutSeconds: INSERT_SECONDS });
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
    seq: String(event.seq ?? createdAt),
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
  const selects = pages.map((_, index) => `SELECT CAST(:${index + 1} AS VARCHAR) AS page`);
  return {
    sql: statements.insert.replace("SELECT CAST(:1 AS VARCHAR) AS page", selects.join(" UNION ALL ")),
    binds: pages.map((page) => `[${page.join(",")}]`),
  };
}

const intText = (value: Int | null): string | undefined => (value === null ? undefined : String(value));

/** µs since 1970 as SQL writes a time, in UTC. */
function timestamp(micros: number): string {
  const ms = Math.floor(micros / 1000);
  const [day, time] = new Date(ms).toISOString().split("T") as [string, string];
  return `${day} ${time.slice(0, -1)}${String(micros - ms * 1000).padStart(3, "0")}`;
}

interface StandingRow {
  project: string;
  id: string;
  run: string;
  writer: string;
  seq: string;
  kind: string;
  actor: string | null;
  epoch: string | null;
  step: string | null;
  batch: string | null;
  created_at: string;
  logs: string | null;
}

async function standingOf(db: Connection, events: readonly Event[]): Promise<Map<string, Event>> {
  const asked = JSON.stringify(events.map(({ project, id }) => ({ project, id })));
  const rows = await db.rows<StandingRow>({ sql: statements.compare, binds: [asked], timeoutSeconds: INSERT_SECONDS });
  return new Map(rows.map((row) => [identity(row), toStandingEvent(row)]));
}

function toStandingEvent({ created_at, seq, epoch, step, batch, ...row }: StandingRow): Event {
  const [exactEpoch, exactStep, exactBatch] = [epoch, step, batch].map((text) => (text === null ? null : intOf(text)));
  return {
    ...row,
    seq: intOf(seq),
    epoch: exactEpoch as Int | null,
    step: exactStep as Int | null,
    batch: exactBatch as Int | null,
    createdAt: Number(created_at),
    sentSkew: null,
  };
}

interface StopRow {
  project: string;
  run: string;
  /** null where nothing is asked. */
  event_id: string | null;
  actor: string | null;
  reason: string | null;
  at: string;
}

/** What is asked of runs and not yet answered, by `controlKey`; runs without events are absent. */
export async function readControl(
  db: Connection,
  runs: readonly { project: string; run: string }[],
): Promise<Map<string, Control>> {
  const distinctRuns = new Map(runs.map(({ project, run }) => [controlKey(project, run), { project, run }]));
  const binds = [JSON.stringify([...distinctRuns.values()])];
  const rows = await db.rows<StopRow>({ sql: statements.control, binds, timeoutSeconds: INSERT_SECONDS });
  return new Map(
    rows.map(({ project, run, event_id, actor, reason, at }) => [
      controlKey(project, run),
      { stop: event_id === null ? null : { event_id, actor, reason, at } },
    ]),
  );
}
