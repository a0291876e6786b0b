import { describe, expect, test } from "vitest";
import type { Event } from "../../../../functions/event/event.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import type { Suite } from "./opened.ts";

const MINUTE = 60_000_000;
const DAY = 24 * 60 * MINUTE;

/** When runs end, and in what order their events count: with hostile clocks, several writers, or nobody left to tell. */
export function turnTests(suite: Suite): void {
  const appendAll = async (project: string, events: Partial<Event>[]) => {
    for (const event of events) await suite.store.append([sampleEvent({ project, ...event })]);
  };
  const stateOf = async (project: string, run = "run") => (await suite.store.run(project, run))?.state;
  const stopOf = async (project: string) => (await suite.store.control(project, ["run"]))[0]?.stop?.reason ?? null;
  const at = (clock: string) => Date.parse(`2026-10-25T${clock}:00Z`) * 1000;
  const loss = (value: number) => JSON.stringify({ loss: value });

  describe("a writer without a counter whose clock goes back", () => {
    test("is ordered by arrival: state, last value, params, tags and series", async () => {
      const project = suite.project("clock");
      await appendAll(project, [
        { kind: "on_train_begin", createdAt: at("02:50") },
        { kind: "params", createdAt: at("02:51"), logs: '{"lr":1}' },
        { kind: "tags", createdAt: at("02:52"), logs: '{"name":"old"}' },
        { kind: "on_epoch_end", epoch: 0, createdAt: at("02:55"), logs: loss(0.5) },
        { kind: "params", createdAt: at("02:01"), logs: '{"lr":2}' },
        { kind: "tags", createdAt: at("02:02"), logs: '{"name":"new"}' },
        { kind: "on_epoch_end", epoch: 1, createdAt: at("02:05"), logs: loss(0.4) },
        { kind: "on_train_end", createdAt: at("02:10") },
      ]);
      await suite.settled(project, 8);
      expect(await suite.store.run(project, "run")).toMatchObject({
        ...{ state: "finished", name: "new", params: { lr: 2 } },
        summary: [{ metric: "loss", first: 0.5, last: 0.4 }],
      });
      const asked = { project, runs: ["run"], metrics: ["loss"], x: "epoch", points: 10 } as const;
      const { series } = await suite.store.series({ ...asked, runs: ["run"], metrics: ["loss"] });
      expect(series).toMatchObject([{ x: [0, 1], y: [0.5, 0.4] }]);
      if (suite.opened.dialect === undefined) return;
      const sql = `SELECT value FROM latest_metrics WHERE project = '${project}'`;
      expect((await suite.store.sql(sql)).rows).toEqual([[0.4]]);
    });
  });

  describe("a run of several writers", () => {
    const [a, b] = [{ writer: "a" }, { writer: "b" }];

    test("ends with the last of them, and is asked to stop until then", async () => {
      const project = suite.project("ranks");
      await appendAll(project, [
        { kind: "on_train_begin", ...a, seq: 1000 },
        { kind: "on_train_begin", ...b, seq: 1 },
        { kind: "stop_requested", actor: "ada", logs: '{"reason":"enough"}' },
        { kind: "on_train_end", ...b, seq: 2, logs: '{"status":"stopped"}' },
        { kind: "on_epoch_end", ...a, seq: 1001, epoch: 0, logs: loss(1) },
      ]);
      expect(await stateOf(project)).toBe("running");
      expect(await stopOf(project)).toBe("enough");
      await appendAll(project, [{ kind: "on_train_end", ...a, seq: 1002, logs: '{"status":"failed"}' }]);
      expect(await stateOf(project)).toBe("failed");
      expect(await stopOf(project)).toBeNull();
    });

    test("is resumed by the one that begins when another fell silent", async () => {
      const project = suite.project("resumed");
      await appendAll(project, [
        { kind: "on_train_begin", ...a, seq: 1000 },
        { kind: "on_epoch_end", ...a, seq: 1001, epoch: 0, logs: loss(1) },
        { kind: "stop_requested", actor: "ada", logs: '{"reason":"enough"}' },
        { kind: "on_train_begin", ...b, seq: 1 },
      ]);
      expect(await stateOf(project)).toBe("running");
      expect(await stopOf(project)).toBeNull();
      await appendAll(project, [{ kind: "on_train_end", ...b, seq: 2 }]);
      expect(await stateOf(project)).toBe("finished");
    });
  });

  describe("a run that says nothing any more", () => {
    /** Events that were received so many minutes ago. */
    const received = (minutes: number[], fields: Partial<Event> = {}) =>
      minutes.map((ago, epoch) => ({
        ...{ kind: "on_epoch_end", epoch, logs: loss(epoch), receivedAt: Date.now() * 1000 - ago * MINUTE },
        ...fields,
      }));

    test.each([
      ["for 50 minutes is running", [52, 51, 50], "running"],
      ["for 70 minutes, after pauses of one, is lost", [72, 71, 70], "lost"],
      ["for 70 minutes, after pauses of ten, is running", [90, 80, 70], "running"],
      ["for two hours, after pauses of ten minutes, is lost", [140, 130, 120], "lost"],
      ["after its only event, a year ago, is lost", [365 * 24 * 60], "lost"],
    ])("%s", async (_, minutes, state) => {
      const project = suite.project("silent");
      await appendAll(project, received(minutes));
      expect(await stateOf(project)).toBe(state);
    });

    test("is as silent as before when somebody gives it a tag, and runs when it says something", async () => {
      const project = suite.project("tagged");
      await appendAll(project, [...received([300, 299]), { kind: "tags", actor: "ada", logs: '{"note":"?"}' }]);
      expect(await stateOf(project)).toBe("lost");
      await appendAll(project, [{ kind: "on_epoch_end", epoch: 2, logs: loss(2) }]);
      expect(await stateOf(project)).toBe("running");
    });

    test("only its last twenty events say what is usual", async () => {
      const project = suite.project("usual");
      const minutes = [3000, ...Array.from({ length: 20 }, (_, index) => 90 - index)];
      await appendAll(project, received(minutes));
      expect(await stateOf(project)).toBe("lost");
    });

    test("with heartbeats is lost by their interval alone", async () => {
      const project = suite.project("beats");
      const beat = { kind: "heartbeat", logs: '{"interval_s":86400}', receivedAt: Date.now() * 1000 - 1.5 * DAY };
      await appendAll(project, [beat]);
      expect(await stateOf(project)).toBe("running");
    });

    test("can be marked as ended, which answers a stop, and goes on if it was not", async () => {
      const project = suite.project("marked");
      await appendAll(project, [
        { kind: "on_train_begin", seq: 1 },
        { kind: "stop_requested", actor: "ada", logs: '{"reason":"enough"}' },
        { kind: "end_marked", actor: "ada", logs: '{"reason":"host is gone"}', createdAt: at("03:00") },
        { kind: "tags", actor: "ada", logs: '{"note":"x"}' },
      ]);
      expect(await suite.store.run(project, "run")).toMatchObject({
        ...{ state: "stopped", ended_at: "2026-10-25T03:00:00.000000Z", stop: null },
        audit: [{ kind: "stop_requested" }, { kind: "end_marked", actor: "ada", logs: { reason: "host is gone" } }, {}],
      });
      await appendAll(project, [{ kind: "end_marked", actor: "ada", logs: '{"status":"failed"}' }]);
      expect(await stateOf(project)).toBe("failed");
      await appendAll(project, [{ kind: "on_epoch_end", seq: 2, epoch: 0, logs: loss(1) }]);
      expect(await suite.store.run(project, "run")).toMatchObject({ state: "running", ended_at: null, stop: null });
    });
  });

  test("a run with an empty name has its id", async () => {
    const project = suite.project("nameless");
    await appendAll(project, [{ kind: "tags", logs: '{"name":""}' }]);
    expect(await suite.store.run(project, "run")).toMatchObject({ name: "run", tags: { name: "" } });
  });
}
