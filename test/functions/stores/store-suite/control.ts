import { describe, expect, test } from "vitest";
import type { Event } from "../../../../functions/event/event.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import type { Suite } from "./opened.ts";

export function controlTests(suite: Suite): void {
  describe("what is asked of a run", () => {
    test("is pending until it ends or begins anew, is told with every append, and the newest counts", async () => {
      const project = suite.project("stop");
      let seq = 0;
      const say = async (kind: string, reason?: string) => {
        seq += 1;
        const logs = reason === undefined ? null : JSON.stringify({ reason });
        const actor = reason === undefined ? null : "ada";
        const event = sampleEvent({ project, kind, actor, logs, id: `id-${seq}`, seq, createdAt: seq });
        const { control } = await suite.store.append([event]);
        const [now] = await suite.store.control(project, ["run"]);
        if (kind !== "stop_requested") expect(control).toEqual([now]);
        return now?.stop ?? null;
      };
      expect(await say("on_train_begin")).toBeNull();
      const at = (micros: number) => `1970-01-01T00:00:00.00000${micros}Z`;
      expect(await say("stop_requested", "first")).toEqual({
        event_id: "id-2",
        actor: "ada",
        reason: "first",
        at: at(2),
      });
      expect(await say("on_train_batch_end")).toMatchObject({ reason: "first" });
      expect(await say("stop_requested", "second")).toMatchObject({ event_id: "id-4", reason: "second", at: at(4) });
      expect(await say("on_train_begin")).toBeNull();
      expect(await say("on_epoch_end")).toBeNull();
      expect(await say("stop_requested", "third")).toMatchObject({ reason: "third" });
      expect(await say("on_train_end")).toBeNull();
      const run = await suite.store.run(project, "run");
      expect(run).toMatchObject({ state: "finished", stop: null });
      expect(run?.audit.map(({ logs }) => logs?.reason)).toEqual(["first", "second", "third"]);
    });

    test("is not answered by what is stored a second time, nor mistaken for what shares its place", async ({
      skip,
    }) => {
      const { force } = suite.opened;
      if (force === undefined) return skip("the database forbids it");
      const project = suite.project("again");
      const begin = sampleEvent({ project, id: "begin", kind: "on_train_begin" });
      const stop = { project, id: "stop", kind: "stop_requested", actor: "ada", logs: '{"reason":"r"}' };
      await force([[begin], [sampleEvent({ project, id: "a" }), sampleEvent(stop), sampleEvent({ project, id: "z" })]]);
      await force([[begin]]);
      const [found] = await suite.store.control(project, ["run"]);
      expect(found?.stop).toMatchObject({ event_id: "stop", actor: "ada", reason: "r" });
    });

    test("may come without a word, as a copy of another store's log has it", async () => {
      const project = suite.project("wordless");
      const stop = { project, id: "stop", kind: "stop_requested", actor: "ada", logs: null };
      await suite.store.append([sampleEvent(stop)]);
      const { control } = await suite.store.append([sampleEvent({ project, id: "next" })]);
      expect(control).toMatchObject([{ stop: { event_id: "stop", actor: "ada", reason: null } }]);
    });

    test("is told for each run of an append, and of one that stored nothing", async () => {
      const project = suite.project("told");
      const events = ["a", "b"].map((run) => sampleEvent({ project, run, id: run }));
      await suite.store.append(events);
      const stop = { project, run: "b", id: "stop", kind: "stop_requested", actor: "ada", logs: '{"reason":"r"}' };
      await suite.store.append([sampleEvent(stop)]);
      const { duplicates, control } = await suite.store.append(events);
      expect(duplicates).toBe(2);
      expect(control).toMatchObject([
        { project, run: "a", stop: null },
        { project, run: "b", stop: { event_id: "stop", reason: "r" } },
      ]);
    });

    test("may be another value, of which the newest of each name counts until the run ends or begins anew", async () => {
      const project = suite.project("adjust");
      let seq = 0;
      const say = async (kind: string, said: object | null = null, fields: Partial<Event> = {}) => {
        seq += 1;
        const event = { project, kind, logs: said && JSON.stringify(said), id: `id-${seq}`, seq, ...fields };
        await suite.store.append([sampleEvent({ createdAt: seq, ...event })]);
        const [now] = await suite.store.control(project, ["run"]);
        return Object.entries(now?.adjust ?? {}).map(([name, { value }]) => [name, value]);
      };
      const ask = (name: string, value: number) =>
        say("adjust_requested", { name, value, reason: "flat" }, { actor: "ada" });
      expect(await say("on_train_begin")).toEqual([]);
      await ask("learning_rate", 0.01);
      expect(await ask("learning_rate", 1e-7)).toEqual([["learning_rate", 1e-7]]);
      expect(await ask("momentum", 0)).toContainEqual(["learning_rate", 1e-7]);
      const [control] = await suite.store.control(project, ["run"]);
      const asked = { event_id: "id-3", actor: "ada", reason: "flat", at: "1970-01-01T00:00:00.000003Z", value: 1e-7 };
      expect(control).toEqual({
        ...{ project, run: "run", stop: null },
        adjust: { learning_rate: asked, momentum: expect.objectContaining({ value: 0 }) },
      });
      // Each process of the run is asked: one that has done it does not speak for the others.
      const applied = { adjust_event_id: "id-3", name: "learning_rate", applied: 1e-7 };
      expect(await say("adjust_applied", applied)).toHaveLength(2);
      await say("stop_requested", { reason: "enough" }, { actor: "bob" });
      const told = await suite.store.append([sampleEvent({ project, id: "next" })]);
      expect(told.control).toEqual(await suite.store.control(project, ["run"]));
      expect(told.control[0]).toMatchObject({ stop: { reason: "enough" }, adjust: { momentum: {} } });
      expect(await suite.store.run(project, "run")).toMatchObject({
        adjust: { learning_rate: asked },
        audit: [
          ...[{ event_id: "id-2" }, { event_id: "id-3" }, { logs: { name: "momentum", value: 0 } }],
          { kind: "adjust_applied", actor: null, logs: applied },
          { kind: "stop_requested" },
        ],
      });
      expect(await say("on_train_begin")).toEqual([]);
      expect(await ask("learning_rate", 3)).toEqual([["learning_rate", 3]]);
      expect(await say("on_train_end")).toEqual([]);
      expect(await suite.store.control(project, ["run"])).toEqual([{ project, run: "run", stop: null }]);
    });

    test("may be many values, of which the last 100 count", async () => {
      const project = suite.project("adjusts");
      const ask = (n: number, name: string) => {
        const logs = JSON.stringify({ name, value: n, reason: "flat" });
        return sampleEvent({ project, id: `id-${n}`, seq: n, kind: "adjust_requested", actor: "ada", logs });
      };
      const names = (n: number) => (n === 0 ? "first" : n === 1 ? "second" : "learning_rate");
      await suite.store.append(Array.from({ length: 101 }, (_, n) => ask(n, names(n))));
      const [control] = await suite.store.control(project, ["run"]);
      expect(Object.entries(control?.adjust ?? {}).map(([name, { value }]) => [name, value])).toEqual(
        expect.arrayContaining([
          ["learning_rate", 100],
          ["second", 1],
        ]),
      );
      expect(control?.adjust).not.toHaveProperty("first");
    });

    test("a run without events is unknown, which is not to go on", async () => {
      const project = suite.project("unknown");
      await suite.store.append([sampleEvent({ project, run: "known" })]);
      expect(await suite.store.control(project, ["known", "unknown"])).toEqual([{ project, run: "known", stop: null }]);
      expect(await suite.store.control(suite.project("empty"), ["known"])).toEqual([]);
      expect(await suite.store.run(project, "unknown")).toBeNull();
    });
  });

  describe("the highest seq of a run's tags", () => {
    test("is null for a run without events, 0 without tags, and what comes later at it wins", async () => {
      const project = suite.project("tags");
      expect(await suite.store.tagSeq(project, "run")).toBeNull();
      const say = (kind: string, seq: number | bigint, logs: string | null = null) =>
        suite.store.append([sampleEvent({ project, kind, seq, logs })]);
      await say("params", 70);
      expect(await suite.store.tagSeq(project, "run")).toBe(0);
      const last = 2n ** 63n - 1n;
      for (const [seq, name] of [
        [50, "a"],
        [last, "b"],
        [60, "c"],
        [last, "d"],
      ] as const)
        await say("tags", seq, JSON.stringify({ name }));
      expect(await suite.store.tagSeq(project, "run")).toBe(last);
      expect(await suite.store.run(project, "run")).toMatchObject({ name: "d" });
      expect(await suite.store.tagSeq(suite.project("other"), "run")).toBeNull();
    });
  });

  describe("tokens that were taken back", () => {
    test("are kept, and taken back twice is taken back", async () => {
      const jti = suite.project("it's");
      await suite.store.denyToken(jti, "ada");
      await suite.store.denyToken(jti, "bob");
      expect([...(await suite.store.deniedTokens())].filter((one) => one === jti)).toEqual([jti]);
    });
  });
}
