import { describe, expect, test } from "vitest";
import type { LoggedEvent, LogPart } from "../../../../functions/stores/store.ts";
import { hardLogs } from "../../../hard-logs.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { forceTied } from "./forced.ts";
import type { Suite } from "./opened.ts";

export function logTests(suite: Suite): void {
  const part = async (project: string, run?: string): Promise<LogPart> => ({
    after: null,
    before: await suite.store.cursor(),
    project,
    run,
  });
  /** All pages of a project's log. */
  const logOf = async (project: string, count: number, limit = 1_000) => {
    const pages: LoggedEvent[][] = [];
    const asked: LogPart = { after: null, before: await suite.store.settled(), project };
    expect(await suite.store.logSize(asked), "all that was acknowledged lies before it").toBe(count);
    for (let { after } = asked; ; ) {
      const { events, cursor, more } = await suite.store.log({ ...asked, after, limit });
      pages.push(events);
      if (!more) return { pages, events: pages.flat(), cursor, before: asked.before };
      after = cursor;
    }
  };
  const parsed = ({ logs, ...event }: LoggedEvent) => ({ ...event, logs: logs === null ? null : JSON.parse(logs) });

  describe("the log", () => {
    test("gives whole events as they were appended", async () => {
      const project = suite.project("whole");
      const events = hardLogs.map((logs, index) => ({
        project,
        run: `run ${index % 2}`,
        id: `id ${index}`,
        writer: index === 0 ? "" : "rank 1",
        seq: index === 0 ? 2n ** 63n - 1n : index,
        kind: index === 1 ? "stop_requested" : "on_train_batch_end",
        actor: index === 1 ? "ada" : null,
        epoch: index === 2 ? 2 ** 53 - 1 : null,
        step: index === 0 ? -(2n ** 63n) : 0,
        batch: index === 3 ? 0 : null,
        createdAt: index === 4 ? -1 : 1_769_860_800_123_456 + index,
        sentSkew: index === 5 ? null : -12,
        receivedAt: 1_769_860_900_000_007 + index,
        logs: logs === null ? null : JSON.stringify(logs),
      }));
      await suite.store.append(events);
      const found = await logOf(project, events.length);
      expect(found.events.map(parsed)).toEqual(events.map(parsed));
      expect(found.cursor).toBe(found.before);
    });

    test("says what the server filled in", async () => {
      const project = suite.project("filled-in");
      await suite.store.append([sampleEvent({ project })]);
      const [event] = (await logOf(project, 1)).events;
      expect(event).toMatchObject({ project });
      // A writer without a counter is ordered by arrival.
      for (const clock of ["seq", "createdAt", "receivedAt"] as const)
        expect(Math.abs(Number(event?.[clock] ?? 0) / 1000 - Date.now()), clock).toBeLessThan(60_000);
    });

    test("comes in pages, in the order in which it was appended, none twice and none left out", async () => {
      const project = suite.project("pages");
      const ids = Array.from({ length: 7 }, (_, index) => `id ${index}`);
      for (const id of ids) await suite.store.append([sampleEvent({ project, id })]);
      const { pages, events } = await logOf(project, 7, 3);
      expect(events.map(({ id }) => id)).toEqual(ids);
      expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    });

    test("comes whole, though places are shared across the end of a page", async ({ skip }) => {
      const { force } = suite.opened;
      if (force === undefined) return skip("the database gives no place twice");
      const project = suite.project("shared");
      const sent = await forceTied(force, project);
      for (const limit of [1, 4]) {
        const { events } = await logOf(project, sent.length, limit);
        expect([limit, ...events.map(({ id }) => id).toSorted()]).toEqual([limit, ...sent]);
      }
    });

    test("of a project, of a run, and of nothing", async () => {
      const [one, other] = [suite.project("one"), suite.project("other")];
      const [own, its] = [one, other].map((project) => ["a", "b"].map((run) => sampleEvent({ project, run })));
      await suite.store.append([...own!, ...its!]);
      expect((await logOf(one, 2)).events.map(({ id }) => id)).toEqual(own!.map(({ id }) => id));
      const ofRun = await part(one, "b");
      expect(await suite.store.logSize(ofRun)).toBe(1);
      expect((await suite.store.log({ ...ofRun, limit: 10 })).events.map(({ id }) => id)).toEqual([own![1]?.id]);
      const none = await part(one, "c");
      expect(await suite.store.logSize(none)).toBe(0);
      expect(await suite.store.log({ ...none, limit: 10 })).toEqual({ events: [], cursor: none.before, more: false });
      const past = { ...ofRun, before: "0" };
      expect(await suite.store.logSize(past)).toBe(0);
    });

    test("of a run that was purged is all that there is of it, where the log was copied to as well", async () => {
      const project = suite.project("purged");
      const stone = sampleEvent({
        project,
        run: "gone",
        id: "stone",
        kind: "purge",
        actor: "ada",
        logs: '{"reason":"asked for"}',
      });
      await suite.store.append([sampleEvent({ project, run: "stays" }), stone]);
      expect((await logOf(project, 2)).events.map(({ kind }) => kind)).toContain("purge");
      const { runs } = await suite.store.runs({ project, sort: "name", limit: 10 });
      expect(runs.map(({ run }) => run)).toEqual(["stays"]);
      expect(await suite.store.run(project, "gone")).toBeNull();
      expect(await suite.store.append([stone])).toMatchObject({ accepted: 0, duplicates: 1, conflicts: [] });
    });

    test("has an event once that two writers put there twice", async ({ skip }) => {
      const { force } = suite.opened;
      if (force === undefined) return skip("the database forbids it");
      const project = suite.project("twice");
      const event = (id: string, step: number) => sampleEvent({ project, id, step, seq: 1, createdAt: 1 });
      await force([[event("a", 1)], [event("b", 1)]]);
      await force([[event("a", 1)], [event("b", 2)]]);
      const { events } = await logOf(project, 2);
      expect(events.map(({ id, step }) => [id, step])).toEqual([
        ["a", 1],
        ["b", 1],
      ]);
    });
  });
}
