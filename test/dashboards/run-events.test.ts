import { describe, expect, it } from "vitest";
import { createLatest } from "../../dashboards/live/latest.ts";
import { type AuditEntry, applyEvent, newRun, pendingStop } from "../../dashboards/live/run-events.ts";
import { eventOf, rowOf, runOf } from "./events.ts";

const runAfter = (...events: Parameters<typeof eventOf>[0][]) => {
  const run = newRun("p", eventOf(events[0]!));
  for (const event of events) applyEvent(run, eventOf(event));
  return run;
};

describe("applyEvent", () => {
  it("follows a run from begin to end", () => {
    expect(runAfter({ kind: "on_train_begin" }).state).toBe("running");
    expect(runAfter({ kind: "on_train_end", logs: { status: "stopped" } }).state).toBe("stopped");
    expect(runAfter({ kind: "on_train_end" }).state).toBe("finished");
    expect(runAfter({ kind: "on_train_end", logs: { status: "failed" } }, { kind: "on_train_begin" }).state).toBe(
      "running",
    );
  });

  it("takes the last of each param and tag, and null takes one away", () => {
    const run = runAfter(
      { kind: "params", logs: { lr: 0.1, seed: 1 } },
      { kind: "params", logs: { lr: 0.2, seed: null } },
      { kind: "tags", logs: { name: "first", note: "n", archived: true } },
      { kind: "tags", logs: { name: null } },
    );
    expect(run.params).toEqual({ lr: 0.2 });
    expect([run.name, run.note, run.archived]).toEqual(["a", "n", true]);
  });

  it("keeps best, last and range per metric, NaN being the last but never the best", () => {
    const run = runAfter(
      { epoch: 0, logs: { loss: 3, accuracy: 0.5 } },
      { epoch: 1, logs: { loss: 1, accuracy: 0.9 } },
      { epoch: 2, logs: { loss: { $num: "NaN" }, accuracy: 0.8 } },
    );
    expect(run.summary).toEqual([
      rowOf({ metric: "loss", points: 3, first: 3, last: { $num: "NaN" }, best: 1, min: 1, max: 3 }),
      rowOf({ metric: "accuracy", points: 3, first: 0.5, last: 0.8, best: 0.9, min: 0.5, max: 0.9 }),
    ]);
  });

  it("ends the same when a stretch of the log is taken twice", () => {
    const log = [
      { kind: "on_train_begin" },
      { epoch: 0, logs: { loss: 2 } },
      { kind: "tags", logs: { name: "x" } },
      { kind: "on_train_end", logs: { status: "failed" } },
    ];
    const once = runAfter(...log);
    const twice = runAfter(...log, ...log.slice(1));
    expect({ ...twice, summary: [] }).toEqual({ ...once, summary: [] });
  });

  it("finds a lost run again when it speaks", () => {
    const run = runOf({ state: "lost" });
    applyEvent(run, eventOf({ kind: "stop_requested", actor: "ada" }));
    expect(run.state).toBe("lost");
    applyEvent(run, eventOf({ kind: "heartbeat" }));
    expect(run.state).toBe("running");
  });
});

describe("pendingStop", () => {
  const asked: AuditEntry = {
    kind: "stop_requested",
    actor: "ada",
    at: "2026-11-24T12:05:00.123456Z",
    logs: { reason: "r" },
  };

  it("is the last request, until the run ends or begins anew", () => {
    const running = runOf({ state: "running" });
    expect(pendingStop(running, [asked], "")).toBe(asked);
    expect(pendingStop(running, [], "")).toBeNull();
    expect(pendingStop(runOf({ state: "stopped" }), [asked], "")).toBeNull();
    expect(pendingStop(running, [asked], "2026-11-24T12:06:00.000Z")).toBeNull();
    expect(pendingStop(running, [asked], "2026-11-24T12:04:00.000Z")).toBe(asked);
  });
});

describe("the latest values", () => {
  it("come from the stream, else from the summary, by epoch first", () => {
    const latest = createLatest();
    const run = runOf({ summary: [rowOf({ level: "batch", last: 5 }), rowOf({ level: "epoch", last: 4 })] });
    expect(latest.of(run, "loss", "train")).toMatchObject({ value: 4, level: "epoch", epoch: null });
    latest.take(eventOf({ kind: "on_train_batch_end", epoch: 3, step: 70, batch: 6, logs: { loss: 3 } }));
    expect(latest.of(run, "loss", "train")).toEqual({ value: 3, level: "batch", epoch: 3, step: 70, batch: 6 });
    expect(latest.of(run, "accuracy", "train")).toBeNull();
    expect(latest.place("a")).toEqual({ epoch: 3, step: 70 });
  });
});
