import type pg from "pg";
import type { Event } from "../../event/event.ts";
import { countStanding, distinct, sameBody } from "../duplicates.ts";
import { type Appended, type Control, controlKey } from "../store.ts";
import { columnsOf } from "./event-columns.ts";
import { statements } from "./statements.ts";

/**
 * Inserts the events of several requests in one statement, which is one transaction, and answers
 * each for itself.
 */
export async function appendTogether(pool: pg.Pool, requests: (readonly Event[])[]): Promise<Appended[]> {
  const answers: Appended[] = requests.map(() => ({ accepted: 0, duplicates: 0, conflicts: [], control: new Map() }));
  const { events, owners, repeats } = distinct(requests);

  const columns = columnsOf(events);
  const runs = runsOf(requests);
  const stops = await storeNew(pool, columns, runs);
  if (stops !== null) {
    for (const request of owners) (answers[request] as Appended).accepted += 1;
    for (const { event, first, request } of repeats)
      countStanding(answers[request] as Appended, event, sameBody(first, event));
  } else {
    // Repeats too are compared with what stands, which need not be the first of them.
    const all = [...events, ...repeats.map(({ event }) => event)];
    const from = [...owners, ...repeats.map(({ request }) => request)];
    const purged = new Set(all.keys());
    for (const { ordinal, stored_now, same } of await storeMissing(pool, columns, columnsOf(all))) {
      purged.delete(ordinal);
      const answer = answers[from[ordinal] as number] as Appended;
      if (stored_now && ordinal < events.length) answer.accepted += 1;
      else countStanding(answer, all[ordinal] as Event, same);
    }
    // Nothing else keeps an event from standing there by now.
    for (const ordinal of purged) {
      const answer = answers[from[ordinal] as number] as Appended;
      answer.purged = [...(answer.purged ?? []), (all[ordinal] as Event).id];
    }
  }

  const control = stops ?? (await controlOfAll(pool, runs));
  requests.forEach((own, request) => {
    for (const { project, run } of own) {
      const key = controlKey(project, run);
      (answers[request] as Appended).control.set(key, control.get(key) ?? { stop: null });
    }
  });
  return answers;
}

/** What is asked of runs of one project and not yet answered; runs without events are absent. */
export async function readControl(
  pool: pg.Pool,
  project: string,
  runs: readonly string[],
): Promise<Map<string, Control>> {
  const values = [project, runs];
  const { rows } = await pool.query<StopRow>({ name: "control", text: statements.control, values });
  return new Map(rows.map((row) => [row.run, controlOf(row)]));
}

interface RunKey {
  project: string;
  run: string;
  /** It begins or ends here, which answers whatever was asked of it before. */
  answers: boolean;
}

function runsOf(requests: (readonly Event[])[]): RunKey[] {
  const found = new Map<string, RunKey>();
  let last: RunKey | undefined;
  for (const events of requests) {
    for (const { project, run, kind } of events) {
      if (last === undefined || last.run !== run || last.project !== project) {
        const key = controlKey(project, run);
        last = found.get(key) ?? { project, run, answers: false };
        found.set(key, last);
      }
      if (kind === "on_train_begin" || kind === "on_train_end") last.answers = true;
    }
  }
  return [...found.values()];
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

function controlOf({ event_id, actor, reason, at }: StopRow): Control {
  return { stop: event_id === null ? null : { event_id, actor, reason, at } };
}

/** unique_violation, and what unless-purged.sql raises. */
const NOT_ALL_NEW = new Set(["23505", "IV001"]);

/**
 * Stores all of the events and gives what is asked of their runs; null, with nothing stored, where
 * one stood there before or its run was purged.
 */
async function storeNew(pool: pg.Pool, columns: Buffer[], runs: RunKey[]): Promise<Map<string, Control> | null> {
  const of = <T>(get: (run: RunKey) => T) => runs.map(get);
  const values = [...columns, of(({ project }) => project), of(({ run }) => run), of(({ answers }) => !answers)];
  try {
    const { rows } = await pool.query<StopRow>({ name: "append", text: statements.append, values });
    return new Map(rows.map((row) => [controlKey(row.project, row.run), controlOf(row)]));
  } catch (error) {
    if (NOT_ALL_NEW.has((error as { code?: string }).code ?? "")) return null;
    throw error;
  }
}

interface StandingRow {
  ordinal: number;
  stored_now: boolean;
  same: boolean;
}

/** Stores those that do not stand there yet, and says of each of all events which it was. */
async function storeMissing(pool: pg.Pool, columns: Buffer[], all: Buffer[]): Promise<StandingRow[]> {
  const missing = { name: "append-missing", text: statements.appendMissing, values: columns };
  const { rows } = await pool.query<{ transaction: string | null }>(missing);
  const compare = { name: "compare", text: statements.compare, values: [...all, rows[0]?.transaction ?? null] };
  return (await pool.query<StandingRow>(compare)).rows;
}

async function controlOfAll(pool: pg.Pool, runs: RunKey[]): Promise<Map<string, Control>> {
  const all = new Map<string, Control>();
  for (const project of new Set(runs.map((key) => key.project))) {
    const ids = runs.filter((key) => key.project === project).map(({ run }) => run);
    for (const [run, control] of await readControl(pool, project, ids)) all.set(controlKey(project, run), control);
  }
  return all;
}
