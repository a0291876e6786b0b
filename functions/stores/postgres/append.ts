import type pg from "pg";
import type { Event } from "../../event/event.ts";
import { Answers, type ControlRow, runsOf, toControl } from "../answers.ts";
import { distinct, sameBody } from "../duplicates.ts";
import { type RunName, runKey } from "../run-key.ts";
import type { Appended, RunControl } from "../store.ts";
import { columnsOf } from "./event-columns.ts";
import { queryOf } from "./statements.ts";

/**
 * Inserts the events of several requests in one statement, which is one transaction, and answers
 * each for itself.
 */
export async function appendTogether(pool: pg.Pool, requests: (readonly Event[])[]): Promise<Appended[]> {
  const answers = new Answers(requests);
  const { events, owners, repeats } = distinct(requests);
  const columns = columnsOf(events);
  const sent = requests.flat();
  const runs = runsOf(sent);
  const answering = answeringRuns(sent);
  const asked = await storeNew(pool, columns, runs, answering);
  if (asked !== null) {
    for (const request of owners) answers.countAccepted(request);
    for (const { event, first, request } of repeats) answers.countStanding(request, event, sameBody(first, event));
    const answered = runs.filter((run) => answering.has(runKey(run)));
    answers.tellControl([...asked, ...(await readControlOfAll(pool, answered))]);
    return answers.all;
  }
  // Repeats too are compared with what stands, which need not be the first of them.
  const all = [...events, ...repeats.map(({ event }) => event)];
  const from = [...owners, ...repeats.map(({ request }) => request)];
  const purged = new Set(all.keys());
  for (const { ordinal, stored_now, same } of await storeMissing(pool, columns, columnsOf(all))) {
    purged.delete(ordinal);
    const request = from[ordinal] as number;
    if (stored_now && ordinal < events.length) answers.countAccepted(request);
    else answers.countStanding(request, all[ordinal] as Event, same);
  }
  // Nothing else keeps an event from standing there by now.
  for (const index of purged) answers.countPurged(from[index] as number, all[index] as Event);
  answers.tellControl(await readControlOfAll(pool, runs));
  return answers.all;
}

/**
 * Reads what is asked of runs of one project and not yet answered; runs without events are absent.
 */
export async function readControl(pool: pg.Pool, project: string, runs: readonly string[]): Promise<RunControl[]> {
  return toControl((await pool.query<ControlRow>(queryOf("control", { project, runs }))).rows);
}

async function readControlOfAll(pool: pg.Pool, runs: RunName[]): Promise<RunControl[]> {
  const all: RunControl[] = [];
  for (const project of new Set(runs.map((one) => one.project))) {
    const ids = runs.filter((one) => one.project === project).map(({ run }) => run);
    all.push(...(await readControl(pool, project, ids)));
  }
  return all;
}

/**
 * Finds the runs with an answer to what was asked of them before: a statement does not see what it
 * stores.
 */
function answeringRuns(events: readonly Event[]): Set<string> {
  return new Set(events.filter(({ kind }) => ANSWERS.has(kind)).map(runKey));
}

const ANSWERS = new Set(["on_train_begin", "on_train_end", "end_marked"]);

/** unique_violation, and what unless-purged.sql raises. */
const NOT_ALL_NEW = new Set(["23505", "IV001"]);

/**
 * Stores all of the events and gives what is asked of their runs; null, with nothing stored, where
 * one stood there before or its run was purged.
 */
async function storeNew(
  pool: pg.Pool,
  columns: Record<string, Buffer>,
  runs: RunName[],
  answering: ReadonlySet<string>,
): Promise<RunControl[] | null> {
  const values = {
    ...columns,
    run_projects: runs.map(({ project }) => project),
    run_ids: runs.map(({ run }) => run),
    asks: runs.map((run) => !answering.has(runKey(run))),
  };
  try {
    return toControl((await pool.query<ControlRow>(queryOf("append", values))).rows);
  } catch (error) {
    if (NOT_ALL_NEW.has((error as { code?: string }).code ?? "")) return null;
    throw error;
  }
}

interface CompareRow {
  ordinal: number;
  stored_now: boolean;
  same: boolean;
}

/** Stores those that do not stand there yet, and says of each of all events which it was. */
async function storeMissing(
  pool: pg.Pool,
  columns: Record<string, Buffer>,
  all: Record<string, Buffer>,
): Promise<CompareRow[]> {
  const { rows } = await pool.query<{ transaction: string | null }>(queryOf("appendMissing", columns));
  const compared = queryOf("compare", { ...all, transaction: rows[0]?.transaction ?? null });
  return (await pool.query<CompareRow>(compared)).rows;
}
