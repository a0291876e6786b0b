import { describe, expect, test } from "vitest";
import type { SuiteApi } from "./api.ts";

interface Asked {
  event_id: string;
}

export function controlTests(api: SuiteApi): void {
  const begin = (run: string) => api.send({ run_id: run, kind: "on_train_begin", event_id: api.fresh("begin") });
  const batch = (run: string) => api.send({ run_id: run, kind: "on_train_batch_end", event_id: api.fresh("batch") });
  const end = (run: string, logs?: object) =>
    api.send({ run_id: run, kind: "on_train_end", event_id: api.fresh("end"), ...(logs && { logs }) });
  const stop = (run: string, reason: string, token = api.controller) =>
    api.json<Asked>(`/v1/runs/${run}/stop`, { token, body: { reason } });
  const control = (run: string) => api.json<{ stop: object | null }>(`/v1/runs/${run}/control`, { token: api.ingest });

  describe("stop", () => {
    test("is pending until the run ends, and says who asked and why", async () => {
      const run = api.fresh("stop");
      await begin(run);
      expect(await control(run)).toEqual({ run, stop: null });
      const answer = await api.ask(`/v1/runs/${run}/stop`, { token: api.controller, body: { reason: "  diverged  " } });
      expect(answer.status).toBe(202);
      const { event_id } = (await answer.json()) as Asked;
      const asked = { event_id, actor: "ada", reason: "diverged", at: expect.stringMatching(/Z$/) };
      expect(await control(run)).toEqual({ run, stop: asked });
      expect((await batch(run)).control).toEqual({ [run]: { stop: asked } });
      expect((await batch(run)).control).toEqual({ [run]: { stop: asked } });
      expect((await end(run, { status: "stopped" })).control).toEqual({ [run]: { stop: null } });
      expect(await control(run)).toEqual({ run, stop: null });
      expect((await batch(run)).control).toEqual({ [run]: { stop: null } });
      expect(await api.run(run)).toMatchObject({
        state: "stopped",
        audit: [{ event_id, kind: "stop_requested", actor: "ada", logs: { reason: "diverged" } }],
      });
    });

    test("an older request does not stop a resumed run, a newer one does", async () => {
      const run = api.fresh("resumed");
      await begin(run);
      await stop(run, "first");
      expect((await begin(run)).control).toEqual({ [run]: { stop: null } });
      expect((await batch(run)).control).toEqual({ [run]: { stop: null } });
      await stop(run, "second");
      expect((await batch(run)).control[run]?.stop).toMatchObject({ reason: "second" });
      await stop(run, "third");
      expect((await batch(run)).control[run]?.stop).toMatchObject({ reason: "third" });
      expect((await api.run(run)).audit.map(({ logs }) => logs)).toEqual(
        ["first", "second", "third"].map((reason) => ({ reason })),
      );
    });

    test("a resend that stores nothing is told all the same", async () => {
      const run = api.fresh("resent");
      const body = { run_id: run, kind: "on_train_batch_end", event_id: api.fresh("batch") };
      await api.send(body);
      await stop(run, "enough");
      const answer = await api.send(body);
      expect(answer).toMatchObject(api.isQueued ? { accepted: 1 } : { accepted: 0, duplicates: 1 });
      expect(answer.control[run]?.stop).toMatchObject({ reason: "enough" });
    });

    test.each([
      ["finished", undefined],
      ["finished", { status: "finished" }],
      ["failed", { status: "failed", error: "boom" }],
      ["stopped", { status: "stopped" }],
      ["finished", { status: "no such state" }],
    ])("a run that has %s (%j) cannot be stopped", async (state, logs) => {
      const run = api.fresh("ended");
      await begin(run);
      await end(run, logs);
      expect((await api.run(run)).state).toBe(state);
      await api.problem(`/v1/runs/${run}/stop`, 409, { token: api.controller, body: { reason: "late" } });
      expect((await api.run(run)).audit).toEqual([]);
      await begin(run);
      expect((await api.run(run)).state).toBe("running");
      await stop(run, "in time");
    });

    test("of nothing", async () => {
      const run = api.fresh("none");
      await api.problem(`/v1/runs/${run}/stop`, 404, { token: api.controller, body: { reason: "x" } });
      await api.problem(`/v1/runs/${run}/tags`, 404, { token: api.controller, body: { tags: { name: "x" } } });
      await api.problem(`/v1/runs/${run}/control`, 404, { token: api.ingest });
      await api.problem(`/v1/runs/${run}`, 404, { token: api.reader });
    });

    test.each([
      {},
      { reason: "" },
      { reason: "   " },
      { reason: 5 },
      { reason: "x".repeat(2_001) },
      { reason: "x", by: "me" },
    ])("%j is no reason", async (body) => {
      const run = api.fresh("reason");
      await begin(run);
      await api.problem(`/v1/runs/${run}/stop`, 400, { token: api.controller, body });
      expect(await control(run)).toEqual({ run, stop: null });
    });

    test.each(["a\u0000b", "half \ud800"])("a reason that no store can hold is refused: %j", async (reason) => {
      const run = api.fresh("reason");
      await begin(run);
      await api.problem(`/v1/runs/${run}/stop`, 400, { token: api.controller, body: { reason } });
    });

    test("any other text is a reason", async () => {
      const run = api.fresh("reason");
      await begin(run);
      const reason = 'it\'s "quoted"; DROP TABLE events; -- 😀\n\\u0000 {"$num": 1}';
      await stop(run, reason);
      expect(await control(run)).toMatchObject({ stop: { reason } });
    });
  });

  describe("adjust", () => {
    const adjust = (run: string, body: object, token = api.controller) =>
      api.ask(`/v1/runs/${run}/adjust`, { token, body });
    const LOWER = { name: "learning_rate", value: 1e-4, reason: "flat" };

    test("asks for another value, who and why are kept, and the run is told until it ends", async () => {
      const run = api.fresh("adjust");
      await begin(run);
      const answer = await adjust(run, { ...LOWER, reason: "  flat  " });
      expect(answer.status).toBe(202);
      const { event_id } = (await answer.json()) as Asked;
      const asked = { event_id, actor: "ada", reason: "flat", at: expect.stringMatching(/Z$/), value: 1e-4 };
      const told = { stop: null, adjust: { learning_rate: asked } };
      expect(await control(run)).toEqual({ run, ...told });
      expect((await batch(run)).control).toEqual({ [run]: told });
      const applied = { adjust_event_id: event_id, name: "learning_rate", value: 1e-4, applied: 9.9e-5 };
      const { control: still, ...rest } = await api.send({
        run_id: run,
        kind: "adjust_applied",
        epoch: 3,
        logs: applied,
      });
      expect(still).toEqual({ [run]: told });
      expect(rest).not.toHaveProperty("warnings");
      expect(await api.run(run)).toMatchObject({
        state: "running",
        audit: [
          { kind: "adjust_requested", actor: "ada", logs: LOWER },
          { kind: "adjust_applied", actor: null, logs: applied },
        ],
      });
      expect((await end(run)).control).toEqual({ [run]: { stop: null } });
      await api.problem(`/v1/runs/${run}/adjust`, 409, { token: api.controller, body: LOWER });
    });

    test("stands beside a stop, and the newest of a name counts", async () => {
      const run = api.fresh("adjust");
      await begin(run);
      for (const value of [0.1, -0, 2 ** 60]) await adjust(run, { ...LOWER, value });
      await adjust(run, { ...LOWER, name: "momentum", value: -0 });
      await stop(run, "enough");
      const { [run]: told } = (await batch(run)).control;
      expect(told).toMatchObject({
        stop: { reason: "enough" },
        adjust: { learning_rate: { value: 2 ** 60 }, momentum: { value: 0 } },
      });
    });

    test.each([
      ...[{}, { name: "learning_rate", value: 1 }, { name: "learning_rate", reason: "x" }, { value: 1, reason: "x" }],
      ...[
        { ...LOWER, value: "0.1" },
        { ...LOWER, value: null },
        { ...LOWER, name: "" },
        { ...LOWER, by: "me" },
      ],
    ])("%j is no adjustment", async (body) => {
      const run = api.fresh("adjust");
      await begin(run);
      await api.problem(`/v1/runs/${run}/adjust`, 400, { token: api.controller, body });
      expect(await control(run)).toEqual({ run, stop: null });
    });

    test("is for who may control, of a run that there is, and the server's to write", async () => {
      const run = api.fresh("adjust");
      await begin(run);
      const path = `/v1/runs/${run}/adjust`;
      for (const token of [api.reader, api.ingest]) await api.problem(path, 403, { token, body: LOWER });
      await api.problem(`/v1/runs/${api.fresh("none")}/adjust`, 404, { token: api.controller, body: LOWER });
      expect((await api.run(run)).audit).toEqual([]);
    });
  });

  describe("mark as ended", () => {
    const mark = (run: string, body: object, token = api.controller) =>
      api.json(`/v1/runs/${run}/end`, { token, body });

    test("ends a run whose process is gone, answers a stop, and is kept with who and why", async () => {
      const run = api.fresh("gone");
      await begin(run);
      await stop(run, "too long");
      await mark(run, { reason: "  the host is gone  " });
      expect(await control(run)).toEqual({ run, stop: null });
      expect(await api.run(run)).toMatchObject({
        state: "stopped",
        audit: [
          { kind: "stop_requested", actor: "ada" },
          { kind: "end_marked", actor: "ada", logs: { reason: "the host is gone" } },
        ],
      });
      await batch(run);
      expect((await api.run(run)).state, "it was not gone").toBe("running");
    });

    test("says how it ended, where that is known", async () => {
      const run = api.fresh("gone");
      await begin(run);
      await mark(run, { reason: "out of memory", status: "failed" });
      expect((await api.run(run)).state).toBe("failed");
      await api.problem(`/v1/runs/${run}/end`, 409, { token: api.controller, body: { reason: "again" } });
    });

    test("is for who may control, of a run that there is, with a reason", async () => {
      const run = api.fresh("gone");
      await begin(run);
      const path = `/v1/runs/${run}/end`;
      await api.problem(path, 403, { token: api.reader, body: { reason: "x" } });
      await api.problem(path, 400, { token: api.controller, body: {} });
      await api.problem(path, 400, { token: api.controller, body: { reason: "x", status: "running" } });
      await api.problem(`/v1/runs/${api.fresh("none")}/end`, 404, { token: api.controller, body: { reason: "x" } });
      expect((await api.run(run)).state).toBe("running");
    });
  });

  describe("tags", () => {
    const tag = (run: string, tags: unknown, token = api.controller) =>
      api.json(`/v1/runs/${run}/tags`, { token, body: { tags } });

    test("rename, note, archive, take back; who did it is kept", async () => {
      const run = api.fresh("tags");
      await begin(run);
      expect(await api.run(run)).toMatchObject({ name: run, note: null, archived: false, tags: {} });
      await tag(run, { name: "best so far", note: "lr 0.1", archived: true, seed: 42 });
      expect(await api.run(run)).toMatchObject({
        name: "best so far",
        note: "lr 0.1",
        archived: true,
        tags: { name: "best so far", note: "lr 0.1", archived: true, seed: 42 },
      });
      await tag(run, { name: null, archived: false, note: "lr 0.2" });
      const after = await api.run(run);
      expect(after).toMatchObject({ name: run, note: "lr 0.2", archived: false });
      expect(after.tags).toEqual({ note: "lr 0.2", archived: false, seed: 42 });
      expect(after.audit.map(({ kind, actor }) => [kind, actor])).toEqual([
        ["tags", "ada"],
        ["tags", "ada"],
      ]);
    });

    test.each(["in five minutes", "at the end of all time"])(
      "a rename holds though the trainer's clock is %s",
      async (when) => {
        const run = api.fresh("ahead");
        const seq = when === "in five minutes" ? (Date.now() + 300_000) * 1000 : 2n ** 63n - 1n;
        const body = `{"run_id":"${run}","kind":"tags","seq":${seq},"logs":{"name":"its own","note":"kept"}}`;
        await api.json("/v1/events", { token: api.ingest, body });
        for (const name of ["first", "second"]) {
          await tag(run, { name });
          expect(await api.run(run)).toMatchObject({ name, note: "kept" });
        }
      },
    );

    test("numbers beyond JSON are kept", async () => {
      const run = api.fresh("tags");
      await begin(run);
      const body = '{"tags":{"id":9223372036854775807,"best":NaN}}';
      await api.json(`/v1/runs/${run}/tags`, { token: api.controller, body });
      expect((await api.run(run)).tags).toEqual({ id: { $num: "9223372036854775807" }, best: { $num: "NaN" } });
    });

    test.each([
      '{"tags":5}',
      '{"tags":[]}',
      '{"tags":NaN}',
      "{}",
      '{"tags":{"":1}}',
      '{"tags":{"a":"\\u0000"}}',
      "[]",
      "5",
    ])("%s is refused", async (body) => {
      const run = api.fresh("tags");
      await begin(run);
      await api.problem(`/v1/runs/${run}/tags`, 400, { token: api.controller, body });
      expect((await api.run(run)).tags).toEqual({});
    });
  });

  describe("states, params and tags of a run", () => {
    test("it is lost when three of its heartbeat intervals have passed, and back when it speaks", async () => {
      const run = api.fresh("lost");
      const beat = (interval_s: number) =>
        api.send({ run_id: run, kind: "heartbeat", event_id: api.fresh("beat"), logs: { interval_s } });
      await begin(run);
      await beat(1e-6);
      await expect.poll(async () => (await api.run(run)).state).toBe("lost");
      await stop(run, "a lost run may come back");
      await beat(3600);
      expect((await api.run(run)).state).toBe("running");
      await end(run);
      expect((await api.run(run)).state).toBe("finished");
    });

    test.each([1e300, -1e300, 1e15, 0, "soon", null, true, { $num: "NaN" }])(
      "an interval of %j harms no list",
      async (interval_s) => {
        const run = api.fresh("interval");
        const project = api.fresh("p");
        await api.send({ run_id: run, project, kind: "heartbeat", logs: { interval_s } });
        const { runs } = await api.json<{ runs: object[] }>(`/v1/runs?project=${project}`, { token: api.reader });
        expect(runs).toMatchObject([{ run, state: expect.stringMatching(/^(running|lost)$/) }]);
      },
    );

    test("the highest seq wins, whatever came first", async () => {
      const run = api.fresh("params");
      const say = (kind: string, seq: number, logs: object) => ({ run_id: run, kind, seq, logs });
      await api.send([
        say("params", 20, { lr: 0.1, layers: [1, 2], dropped: null }),
        say("params", 10, { lr: 0.5, batch: 32, dropped: true }),
        say("tags", 30, { name: null }),
        say("tags", 5, { name: "old", note: "kept" }),
      ]);
      expect(await api.run(run)).toMatchObject({
        name: run,
        params: { lr: 0.1, layers: [1, 2], batch: 32 },
        tags: { note: "kept" },
      });
      expect(Object.keys((await api.run(run)).params).sort()).toEqual(["batch", "layers", "lr"]);
      await api.send(say("params", 21, { batch: null, nested: { a: null } }));
      expect((await api.run(run)).params).toEqual({ lr: 0.1, layers: [1, 2], nested: { a: null } });
    });

    test("an end that arrives before its beginning is still the end", async () => {
      const run = api.fresh("order");
      await api.send([
        { run_id: run, kind: "on_train_end", seq: 20, created_at: "2026-01-31T12:00:20Z", logs: { status: "failed" } },
        { run_id: run, kind: "on_train_begin", seq: 10, created_at: "2026-01-31T12:00:10Z" },
      ]);
      expect(await api.run(run)).toMatchObject({ state: "failed", ended_at: "2026-01-31T12:00:20.000000Z" });
    });
  });
}
