import { describe, expect, test } from "vitest";
import { createSealer } from "../../../../functions/stores/postgres/chunks/sealer.ts";
import type { RunName } from "../../../../functions/stores/run-key.ts";
import { sampleEvent } from "../../event/sample-event.ts";

interface Call extends RunName {
  all: boolean;
}

/** A sealer over runs whose tails are numbers. */
function sealing({ random = 0, fail = false } = {}) {
  const tails = new Map<string, number>();
  const calls: Call[] = [];
  const reports: unknown[] = [];
  let atOnce = 0;
  let most = 0;
  const sealer = createSealer({
    random: () => random,
    report: (error) => reports.push(error),
    async seal({ project, run }, { all }) {
      calls.push({ project, run, all });
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      if (fail) throw new Error("no");
      const seen = Math.min(tails.get(run) ?? 0, 1_000);
      const sealed = all ? seen - (seen % 20) : seen === 1_000 ? seen : 0;
      tails.set(run, (tails.get(run) ?? 0) - sealed);
      return { sealed, left: seen - sealed, isWhole: seen === 1_000 };
    },
  });
  const send = (events: number, run = "run", kind = "on_train_batch_end") => {
    if (kind !== "heartbeat") tails.set(run, (tails.get(run) ?? 0) + events);
    sealer.saw(Array.from({ length: events }, () => sampleEvent({ run, kind })));
  };
  return { sealer, tails, calls, reports, send, most: () => most };
}

describe("when a run is sealed", () => {
  test("at 1,000 metric events, whatever else it sends", async () => {
    const { sealer, calls, tails, send } = sealing();
    send(999);
    send(5_000, "run", "heartbeat");
    await sealer.idle();
    expect(calls).toEqual([]);
    send(1);
    await sealer.idle();
    expect(calls).toEqual([{ project: "default", run: "run", all: false }]);
    expect(tails.get("run")).toBe(0);
    send(2_500);
    await sealer.idle();
    expect(tails.get("run")).toBe(500);
    expect(calls.length).toBe(3);
  });

  test("says when a run has fallen behind, until it is sealed", async () => {
    const { sealer, send } = sealing();
    send(49_000);
    expect(sealer.isBehind()).toBe(false);
    send(1_000);
    expect(sealer.isBehind()).toBe(true);
    await sealer.idle();
    expect(sealer.isBehind()).toBe(false);
  });

  test.each([
    [0.89, 0],
    [0.9, 1],
    [0.99, 1],
  ])("by a process that lives for 100 events with a probability of 100 in 1,000: %f", async (random, times) => {
    const { sealer, calls, send } = sealing({ random });
    send(100);
    await sealer.idle();
    expect(calls.length).toBe(times);
  });

  test("wholly when its training ends, and when a reader met a long tail", async () => {
    const { sealer, tails, send } = sealing();
    tails.set("run", 3_137);
    sealer.saw([sampleEvent({ kind: "on_train_end" })]);
    await sealer.idle();
    expect(tails.get("run")).toBe(17);
    tails.set("other", 5_400);
    sealer.request("default", "other");
    await sealer.idle();
    expect(tails.get("other")).toBe(400);
    send(1, "other");
    await sealer.idle();
    expect(tails.get("other")).toBe(401);
  });

  test("one window at a time, each run once however often it is asked for", async () => {
    const { sealer, calls, most } = sealing();
    for (let again = 0; again < 3; again++) for (let run = 0; run < 30; run++) sealer.request("default", `run-${run}`);
    await sealer.idle();
    expect(calls.length).toBe(30);
    expect(most()).toBe(1);
  });

  test("a failure is reported, and the run comes back with its next events", async () => {
    const { sealer, calls, reports, send } = sealing({ fail: true });
    send(1_000);
    await sealer.idle();
    expect(reports.length).toBe(1);
    send(1_000);
    await sealer.idle();
    expect(calls.length).toBe(2);
  });

  test("nothing after it is closed", async () => {
    const { sealer, calls, send } = sealing();
    send(2_000);
    await sealer.close();
    send(2_000);
    await sealer.idle();
    expect(calls.length).toBe(0);
  });
});
