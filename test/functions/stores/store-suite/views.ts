import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../../../functions/event/event.ts";
import { type MemoryStore, openMemoryStore } from "../memory/memory-store.ts";
import { compare, type Logged } from "../memory/memory-views.ts";
import type { Suite } from "./opened.ts";
import { randomRequests, runsOf } from "./random-events.ts";
import { expected, queried, VIEWS } from "./view-rows.ts";

export function viewTests(suite: Suite): void {
  describe("what is derived from the log", () => {
    test("is what the model says, row for row, for random events", async () => {
      const project = suite.project("random");
      let round = 0;
      await fc.assert(
        fc.asyncProperty(randomRequests("-"), async (requests) => {
          await sameAsModel(suite, requests, `${project}-${round}`);
          round += 1;
        }),
        { numRuns: suite.subject.rounds, interruptAfterTimeLimit: 150_000, endOnFailure: true },
      );
      // Time may be up before all of them, but not before some are through.
      expect(round).toBeGreaterThanOrEqual(3);
    }, 200_000);
  });
}

async function sameAsModel(suite: Suite, requests: Event[][], project: string): Promise<void> {
  const memory = openMemoryStore();
  let count = 0;
  for (const request of requests) {
    const events = request.map((one) => ({ ...one, project, run: project + one.run.slice(1) }));
    count += events.length;
    const [theirs, ours] = [await suite.store.append(events), await memory.append(events)];
    // Whether a request that is among the events is told at once is left to the store.
    if (events.some(({ kind }) => kind.endsWith("_requested"))) theirs.control = ours.control;
    expect(theirs).toEqual(ours);
  }
  const all = { project, after: "0", limit: 1_000 };
  expect(await suite.settled(project, count)).toEqual((await memory.events(all)).events);
  expect((await suite.store.projects()).filter((one) => one === project)).toEqual([project]);
  await sameRuns(suite, project, memory);
  await sameSeries(suite, project, memory);
  if (suite.opened.dialect !== undefined) await sameViews(suite, project, memory.rows);
}

async function sameRuns({ store }: Suite, project: string, memory: MemoryStore): Promise<void> {
  for (const sort of ["name", "-started_at", "started_at"] as const) {
    const query = { project, sort, limit: 10 };
    expect(withoutClock((await store.runs(query)).runs)).toEqual(withoutClock((await memory.runs(query)).runs));
  }
  for (const run of runsOf(project)) {
    expect(withoutClock([await store.run(project, run)])).toEqual(withoutClock([await memory.run(project, run)]));
  }
  const runs = runsOf(project);
  expect(await store.control(project, runs)).toEqual(await memory.control(project, runs));
}

/** Each store has its own clock. The rest as JSON has it: of 0 and -0 either may be called the lowest. */
function withoutClock(runs: readonly (object | null)[]): unknown {
  return JSON.parse(JSON.stringify(runs.map((run) => run && { ...run, last_event_at: null })));
}

async function sameSeries({ store }: Suite, project: string, memory: MemoryStore): Promise<void> {
  for (const x of ["epoch", "step", "time"] as const) {
    const metrics = ["loss", "acc", "é", "val_acc", "err", "f1", "eval/fid"];
    const query = { project, runs: runsOf(project), metrics, x, points: 10 };
    const [theirs, ours] = [await store.series(query), await memory.series(query)];
    const identity = (one: object) => JSON.stringify(Object.entries(one).toSorted().slice(0, 3));
    const sorted = (series: object[]) => series.toSorted((a, b) => compare(identity(a), identity(b)));
    expect(sorted(theirs.series)).toEqual(sorted(ours.series));
  }
}

/** Every view that dashboards read, by SQL. */
async function sameViews({ opened }: Suite, project: string, log: Logged[]): Promise<void> {
  for (const view of Object.keys(VIEWS)) {
    // The paper's table has no projects, and these runs are this project's only.
    const runs = runsOf(project).map((run) => `'${run}'`);
    const condition = view === "raw_link" ? `id IN (${runs})` : `project = '${project}'`;
    expect(await queried(opened, view, condition), view).toEqual(expected(view, log));
  }
}
