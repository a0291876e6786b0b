import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createKnownRuns } from "../../../../dashboards/live/data/known-runs.ts";
import { createLatest } from "../../../../dashboards/live/data/latest-values.ts";
import { numberOf } from "../../../../dashboards/live/data/numbers.ts";
import { applyEvent, lastAdjustments, lastStop, newRun } from "../../../../dashboards/live/data/run-events.ts";
import type { Newest } from "../../../../dashboards/live/data/writers-order.ts";
import type { RunDetail, RunWithSummary, StreamedEvent } from "../../../../functions/stores/store.ts";
import { openMemoryStore } from "../../../functions/stores/memory/memory-store.ts";
import { randomRequests, runsOf } from "../../../functions/stores/store-suite/random-events.ts";
import { rowOf, runOf, streamedEvent } from "./events.ts";

type Events = Parameters<typeof streamedEvent>[0][];

function runAfter(...events: Events) {
  const run = newRun("p", streamedEvent(events[0]!));
  const newest: Newest = new Map();
  for (const event of events) applyEvent(run, streamedEvent(event), newest);
  return run;
}

function knownAfter(...events: Events) {
  const known = createKnownRuns("p");
  for (const event of events) known.take(streamedEvent(event));
  return known;
}

describe("applyEvent", () => {
  test("derives what the views derive, for random events in any order", async () => {
    await fc.assert(
      fc.asyncProperty(randomRequests("p"), async (requests) => {
        const store = openMemoryStore();
        for (const request of requests) await store.append(request.map((event) => ({ ...event, project: "p" })));
        const { events } = await store.events({ project: "p", after: "0", limit: 1000 });
        const known = createKnownRuns("p");
        for (const event of events) known.take(event);
        for (const id of runsOf("p")) {
          const [run, detail] = [known.runs.get(id), await store.run("p", id)];
          expect(run !== undefined).toBe(detail !== null);
          if (!run || !detail) continue;
          expect(shownOf(run)).toEqual(shownOf(detail));
          // Streamed times are doubles in ms.
          for (const time of ["started_at", "ended_at"] as const)
            expect(Date.parse(run[time] ?? "")).toEqual(near(Date.parse(detail[time] ?? "")));
          expect(known.pendingStop(run)?.reason).toBe(detail.state === "running" ? detail.stop?.reason : undefined);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("takes no definition for the last word that says neither min nor max", () => {
    const run = runAfter(
      { kind: "on_epoch_end", logs: { fid: 3 } },
      { kind: "define", seq: 9, logs: { metric: "fid", best: "other" } },
      { kind: "define", seq: 8, logs: { metric: "fid", best: "min" } },
    );
    expect(run.summary).toEqual([expect.objectContaining({ metric: "fid", lower_is_better: true, best: 3 })]);
  });

  test("takes back that a run has ended when a silent one of its writers speaks", () => {
    const told: Events = [
      { writer: "rank-0", kind: "on_train_begin" },
      { writer: "rank-1", kind: "on_train_begin", seq: 1 },
      { writer: "rank-1", kind: "on_train_end", seq: 2 },
    ];
    expect(runAfter(...told).state).toBe("finished");
    expect(runAfter(...told, { writer: "rank-0", kind: "on_train_batch_end" }).state).toBe("running");
  });

  test("takes the last of each param and tag, and null takes one away", () => {
    const run = runAfter(
      { kind: "params", logs: { lr: 0.1, seed: 1 } },
      { kind: "params", logs: { lr: 0.2, seed: null } },
      { kind: "tags", logs: { name: "first", note: "n", archived: true } },
      { kind: "tags", logs: { name: null } },
    );
    expect(run.params).toEqual({ lr: 0.2 });
    expect([run.name, run.note, run.archived]).toEqual(["a", "n", true]);
  });

  test.each([
    ["", "a"],
    [2024, "2024"],
    [true, "true"],
    [{ $num: "9007199254740993" }, "9007199254740992"],
  ])("names a run as the view does: %j", (name, shown) => {
    expect(runAfter({ kind: "tags", logs: { name } }).name).toBe(shown);
  });

  test("keeps best, last and range per metric, NaN being the last but never the best", () => {
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

  test("ends the same when a stretch of the log is taken twice", () => {
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

  test("finds a lost run again when it speaks", () => {
    const run = runOf({ state: "lost" });
    applyEvent(run, streamedEvent({ kind: "stop_requested", actor: "ada" }), new Map());
    expect(run.state).toBe("lost");
    applyEvent(run, streamedEvent({ kind: "heartbeat" }), new Map());
    expect(run.state).toBe("running");
  });
});

/**
 * A run, whose name is never empty, without its times and without what the page shows nowhere
 * (`first`); values as doubles.
 */
function shownOf({ run, state, name, note, archived, params, tags, summary }: RunWithSummary) {
  const rows = summary.map(({ metric, split, level, points, last, best, min, max }) =>
    [metric, split, level, points, numberOf(last), best, min, max].join(" "),
  );
  return { state, name: name || run, note, archived, params, tags, summary: rows.sort() };
}

const near = (ms: number) => (Number.isNaN(ms) ? ms : expect.closeTo(ms, -1));

describe("a request to stop", () => {
  const asked = { kind: "stop_requested", actor: "ada", logs: { reason: "it diverges" } };
  const detail = (stop: RunDetail["stop"]): RunDetail => ({ ...runOf({ state: "running" }), audit: [], stop });
  const pending = (known: ReturnType<typeof createKnownRuns>) => known.pendingStop(known.runs.get("a")!);

  test("is pending until the run ends or begins anew, whatever the clocks of trainer and server say", () => {
    const ahead = Date.UTC(2099, 0, 1);
    const begun = { kind: "on_train_begin", at: ahead };
    expect(pending(knownAfter(begun, asked))).toMatchObject({ actor: "ada", reason: "it diverges" });
    expect(pending(knownAfter(asked, { ...begun, at: 0 }))).toBeNull();
    expect(pending(knownAfter(begun, asked, { kind: "on_train_end" }))).toBeNull();
  });

  test("is what the run's detail says, and what was streamed after", () => {
    const known = createKnownRuns("p");
    known.putDetail(detail({ event_id: "e", actor: "bob", reason: "r", at: "2026-11-24T12:05:00.123456Z" }));
    expect(pending(known)).toMatchObject({ actor: "bob" });
    known.take(streamedEvent(asked));
    expect(pending(known)).toMatchObject({ actor: "ada" });
    known.putDetail(detail(null));
    expect(pending(known)).toBeNull();
  });

  test("may wait for a run that is lost", () => {
    const known = createKnownRuns("p");
    known.putDetail({ ...detail(null), state: "lost" });
    known.take(streamedEvent(asked));
    expect(pending(known)).toMatchObject({ actor: "ada" });
  });

  test("is remembered once it is answered", () => {
    const known = knownAfter(asked, { ...asked, event_id: "again", actor: "bob", at: 1 }, { kind: "on_train_end" });
    expect(lastStop(known.audit("a"))).toMatchObject({ actor: "bob", reason: "it diverges" });
    expect(lastStop([])).toBeNull();
  });
});

describe("another value that is asked for", () => {
  const ask = (value: number, name = "learning_rate", event_id = `asked-${name}-${value}`) =>
    ({ event_id, kind: "adjust_requested", actor: "ada", logs: { name, value, reason: "flat" } }) as const;
  const to = { adjust_event_id: "asked-learning_rate-0.5", name: "learning_rate", value: 0.5 };
  const applied = { event_id: "applied", kind: "adjust_applied", logs: { ...to, applied: 0.4999 } } as const;
  const refused = { event_id: "refused", kind: "adjust_refused", logs: { ...to, why: "it is a forest" } } as const;
  const adjustments = (...events: Parameters<typeof knownAfter>) => lastAdjustments(knownAfter(...events).audit("a"));

  test("waits for what the run makes of it, of each name the last", () => {
    expect(adjustments(ask(0.1), ask(0.5), ask(3, "momentum"))).toMatchObject([
      { name: "learning_rate", value: 0.5, actor: "ada", reason: "flat", answer: null },
      { name: "momentum", value: 3, answer: null },
    ]);
    expect(adjustments(ask(0.5), applied)).toMatchObject([{ answer: { kind: "applied", value: 0.4999 } }]);
    expect(adjustments(ask(0.5), refused)).toMatchObject([{ answer: { kind: "refused", why: "it is a forest" } }]);
    expect(adjustments(ask(0.5), ask(0.7), applied)).toMatchObject([{ value: 0.7, answer: null }]);
    expect(adjustments(applied)).toEqual([]);
  });

  test("is answered by what names its event, though the same value was asked for before or after", () => {
    const again = ask(0.5, "learning_rate", "again");
    expect(adjustments(ask(0.5), refused, again)).toMatchObject([{ value: 0.5, answer: null }]);
    expect(adjustments(ask(0.5), again, refused)).toMatchObject([{ value: 0.5, answer: null }]);
    const toAgain = { ...applied, logs: { ...applied.logs, adjust_event_id: "again" } };
    expect(adjustments(ask(0.5), again, refused, toAgain)).toMatchObject([{ answer: { kind: "applied" } }]);
  });

  test("is what the run's detail says, and answered by what is streamed after, though both come at once", () => {
    const known = createKnownRuns("p");
    const at = "2026-11-24T12:05:00.123456Z";
    const audit = [
      { ...ask(0.5), at },
      { ...ask(3, "momentum"), at },
    ];
    known.putDetail({ ...runOf({ state: "running" }), audit, stop: null });
    known.take(streamedEvent(applied));
    const toMomentum = { adjust_event_id: "asked-momentum-3", name: "momentum", value: 3 };
    known.take(streamedEvent({ ...refused, logs: { ...refused.logs, ...toMomentum } }));
    known.take(streamedEvent(applied));
    expect(known.audit("a")).toHaveLength(4);
    expect(lastAdjustments(known.audit("a"))).toMatchObject([
      { name: "learning_rate", answer: { kind: "applied" } },
      { name: "momentum", answer: { kind: "refused" } },
    ]);
  });
});

describe("the latest values", () => {
  test("come from the stream, else from the summary, by epoch first", () => {
    const latest = createLatest();
    const run = runOf({ summary: [rowOf({ level: "batch", last: 5 }), rowOf({ level: "epoch", last: 4 })] });
    expect(latest.of(run, "loss", "train")).toMatchObject({ value: 4, level: "epoch", epoch: null });
    latest.take(streamedEvent({ kind: "on_train_batch_end", epoch: 3, step: 70, batch: 6, logs: { loss: 3 } }));
    expect(latest.of(run, "loss", "train")).toEqual({ value: 3, level: "batch", epoch: 3, step: 70, batch: 6 });
    expect(latest.of(run, "accuracy", "train")).toBeNull();
    expect(latest.coordinates("a")).toMatchObject({ epoch: 3, step: 70, lastEnded: null });
  });

  test("lie where the run's series end, whatever their number of points", () => {
    const latest = createLatest();
    const run = runOf({ summary: [rowOf({ last: 4, points: 2 })] });
    const series = {
      run: "a",
      metric: "loss",
      split: "train",
      level: "epoch",
      total: 2,
      y: [5, 4],
      marks: [],
    } as const;
    latest.read(
      "a",
      [{ ...series, x: [4, 9], y: [5, 4], marks: [] }],
      [{ ...series, x: [40, 90], y: [5, 4], marks: [] }],
    );
    expect(latest.of(run, "loss", "train")).toMatchObject({ value: 4, epoch: 9 });
    expect(latest.coordinates("a")).toEqual({ firstEnded: 4, lastEnded: 9, epoch: 9, step: 90 });
    latest.take(streamedEvent({ kind: "on_train_batch_end", epoch: 10, step: 91, logs: { loss: 3 } }));
    expect(latest.coordinates("a")).toEqual({ firstEnded: 4, lastEnded: 9, epoch: 10, step: 91 });
    latest.take(streamedEvent({ epoch: 10, seq: 2, logs: { loss: 3 } }));
    expect(latest.coordinates("a").lastEnded).toBe(10);
  });

  test("are those of the highest seq, whatever came last", () => {
    const latest = createLatest();
    const batch = (seq: StreamedEvent["seq"], step: number) =>
      streamedEvent({ kind: "on_train_batch_end", seq, step, logs: { loss: step } });
    for (const event of [batch({ $num: "9007199254740993" }, 8), batch(9007199254740991, 7)]) latest.take(event);
    expect(latest.of(runOf({}), "loss", "train")).toMatchObject({ value: 8, step: 8 });
    expect(latest.coordinates("a")).toMatchObject({ epoch: null, step: 8 });
  });
});
