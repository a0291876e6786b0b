import { describe, expect, test } from "vitest";
import { sampleEvent } from "../../event/sample-event.ts";
import { forceTied } from "./forced.ts";
import type { Suite } from "./opened.ts";

export function cursorTests(suite: Suite): void {
  /** Reads on from a cursor at each call, and keeps the ids. */
  const reader = async (project: string, limit = 100) => {
    let cursor = await suite.store.cursor();
    const ids: string[] = [];
    const readOn = async () => {
      const page = await suite.store.events({ project, after: cursor, limit });
      expect(BigInt(page.cursor)).toBeGreaterThanOrEqual(BigInt(cursor));
      cursor = page.cursor;
      ids.push(...page.events.map(({ event_id }) => event_id));
      return ids;
    };
    return { ids, readOn };
  };

  describe("a reader with a cursor", () => {
    test("gets each event once, in pages of any size, whatever is appended meanwhile", async () => {
      const project = suite.project("pages");
      const { ids, readOn } = await reader(project, 2);
      const sent: string[] = [];
      for (let round = 0; round < 4; round++) {
        const events = Array.from({ length: 3 }, (_, index) => sampleEvent({ project, id: `${round}-${index}` }));
        sent.push(...events.map(({ id }) => id));
        await suite.store.append(events);
        await readOn();
      }
      await expect.poll(readOn).toEqual(sent);
      await readOn();
      expect(ids).toEqual(sent);
    });

    test("gets each event once, though places are shared across the end of a page", async ({ skip }) => {
      const { force } = suite.opened;
      if (force === undefined) return skip("the database gives no place twice");
      const project = suite.project("shared");
      const sent = await forceTied(force, project);
      await suite.settled(project, sent.length);
      for (const limit of [1, 4]) {
        const ids: string[] = [];
        for (let [after, more] = ["0", true]; more; ) {
          const page = await suite.store.events({ project, after, limit });
          ids.push(...page.events.map(({ event_id }) => event_id));
          [after, more] = [page.cursor, page.more];
        }
        expect([limit, ...ids.toSorted()]).toEqual([limit, ...sent]);
      }
    });

    test("gets an event once that was stored twice, on whichever side of its cursor", async ({ skip }) => {
      const { force } = suite.opened;
      if (force === undefined) return skip("the database forbids it");
      const project = suite.project("again");
      const { ids, readOn } = await reader(project);
      const [a, b, c] = ["a", "b", "c"].map((id) => sampleEvent({ project, id }));
      await force([[a!], [b!]]);
      await expect.poll(readOn).toEqual(["a", "b"]);
      await force([[a!], [c!], [b!]]);
      await expect.poll(readOn).toEqual(["a", "b", "c"]);
      await readOn();
      expect(ids).toEqual(["a", "b", "c"]);
    });

    test("gets large events a few MB at a time, and all of them", async ({ skip }) => {
      if (suite.subject.name === "memory") return skip("it holds all of them anyway");
      const project = suite.project("large");
      const logs = JSON.stringify({ text: "x".repeat(900_000) });
      const sent = Array.from({ length: 12 }, (_, index) => sampleEvent({ project, id: String(index), logs }));
      await suite.store.append(sent.slice(0, 6));
      await suite.store.append(sent.slice(6));
      await suite.store.settled();
      const pages: number[] = [];
      const ids: string[] = [];
      for (let [after, more] = ["0", true]; more; ) {
        const page = await suite.store.events({ project, after, limit: 1_000 });
        pages.push(JSON.stringify(page.events).length);
        ids.push(...page.events.map(({ event_id }) => event_id));
        [after, more] = [page.cursor, page.more];
      }
      expect(ids.toSorted()).toEqual(sent.map(({ id }) => id).toSorted());
      expect(Math.max(...pages)).toBeLessThan(6_000_000);
    });

    test("is told that there is more, and of the runs it asked for only", async () => {
      const project = suite.project("more");
      const events = [..."aabba"].map((run, index) => sampleEvent({ project, run, id: String(index) }));
      await suite.store.append(events);
      await suite.settled(project, 5);
      const page = await suite.store.events({ project, after: "0", runs: ["a"], limit: 2 });
      expect([page.more, page.events.map(({ event_id }) => event_id)]).toEqual([true, ["0", "1"]]);
      const rest = await suite.store.events({ project, after: page.cursor, runs: ["a"], limit: 2 });
      expect([rest.more, rest.events.map(({ event_id }) => event_id)]).toEqual([false, ["4"]]);
      expect((await suite.store.events({ project, after: "0", runs: ["c"], limit: 2 })).events).toEqual([]);
    });

    test("a page that looked at all ends where the log ends", async () => {
      const project = suite.project("end");
      await suite.store.append([sampleEvent({ project })]);
      await suite.settled(project, 1);
      const page = await suite.store.events({ project, after: "0", limit: 10 });
      await suite.store.append([sampleEvent({ project, id: "next" })]);
      await suite.settled(project, 2);
      expect((await suite.read(project, page.cursor)).map(({ event_id }) => event_id)).toEqual(["next"]);
    });

    test("skips nothing, though an append that began first is done last", async ({ skip }) => {
      const { appendSlowly } = suite.opened;
      if (appendSlowly === undefined) return skip("no append can be seen under way");
      const project = suite.project("late");
      const { ids, readOn } = await reader(project);
      const late = await appendSlowly(sampleEvent({ project, id: "late" }));
      try {
        await suite.store.append([sampleEvent({ project, id: "early" })]);
        for (let index = 0; index < 3; index++) await readOn();
        expect(ids).toEqual([]);
      } finally {
        await late.commit();
      }
      await expect.poll(async () => (await readOn()).toSorted()).toEqual(["early", "late"]);
    });

    test("goes on after an append that came to nothing", async ({ skip }) => {
      const { appendSlowly } = suite.opened;
      if (appendSlowly === undefined) return skip("no append can be seen under way");
      const project = suite.project("rolled-back");
      const late = await appendSlowly(sampleEvent({ project, id: "never" }));
      if (late.rollback === undefined) return skip("it leaves nothing that could hold a reader up");
      await suite.store.append([sampleEvent({ project, id: "after" })]);
      expect(await suite.read(project)).toEqual([]);
      await late.rollback();
      expect((await suite.settled(project, 1)).map(({ event_id }) => event_id)).toEqual(["after"]);
    });

    test("is woken by what another process appends", async () => {
      const other = await suite.opened.another();
      let woken = 0;
      const forget = suite.store.onAppend(() => {
        woken += 1;
      });
      const append = () => other.append([sampleEvent({ project: suite.project("woken") })]);
      await expect.poll(() => append().then(() => woken)).toBeGreaterThan(0);
      const before = woken;
      await append();
      await expect.poll(() => woken).toBeGreaterThan(before);
      forget();
      await other.close();
    });
  });
}
