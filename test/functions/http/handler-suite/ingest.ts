import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { RESERVED_KINDS } from "../../../../functions/event/event.ts";
import type { SuiteApi } from "./api.ts";

export function ingestTests(api: SuiteApi): void {
  describe("ingest", () => {
    const event = (run: string, more: object = {}) => ({ run_id: run, kind: "on_epoch_end", ...more });
    const stored = (run: string, project = "default") =>
      api.store.events({ project, after: "0", runs: [run], limit: 10_000 }).then(({ events }) => events);

    test("one event, an array, an envelope and NDJSON are stored alike", async () => {
      const run = api.fresh("forms");
      const one = event(run, { event_id: "1", epoch: 0, logs: { loss: 0.5 } });
      expect(await api.send(one)).toEqual({
        accepted: 1,
        duplicates: 0,
        conflicts: [],
        control: { [run]: { stop: null } },
      });
      expect(await api.send([{ ...one, event_id: "2" }])).toMatchObject({ accepted: 1 });
      const sent_at = new Date().toISOString();
      expect(await api.send({ events: [{ ...one, event_id: "3" }], sent_at })).toMatchObject({ accepted: 1 });
      const ndjson = `${JSON.stringify({ ...one, event_id: "4" })}\n${JSON.stringify({ ...one, event_id: "5" })}\n`;
      for (const type of ["application/x-ndjson", "application/x-ndjson; charset=utf-8"]) {
        const headers = { "content-type": type };
        await api.json("/v1/events", { token: api.ingest, body: ndjson, headers });
      }
      await expect.poll(() => stored(run)).toHaveLength(5);
      for (const found of await stored(run))
        expect(found).toMatchObject({ run, kind: "on_epoch_end", epoch: 0, step: null, logs: { loss: 0.5 } });
    });

    test("plain metrics are points of their split, and what looks like a metric and is none is told", async () => {
      const run = api.fresh("plain");
      const said = { run_id: run, kind: "metrics", epoch: 3, split: "validation", values: { loss: 0.5, acc: "0.5" } };
      expect(await api.send(said)).toMatchObject({
        accepted: 1,
        warnings: [{ field: "values.acc", detail: expect.stringContaining("is text"), fix: expect.any(String) }],
      });
      const query = `/v1/series?run=${run}&metric=loss&x=epoch`;
      await expect
        .poll(async () => (await api.json<{ series: object[] }>(query, { token: api.reader })).series)
        .toMatchObject([{ split: "validation", level: "epoch", x: [3], y: [0.5] }]);
    });

    test("gzip", async () => {
      const run = api.fresh("gzip");
      const body = gzipSync(JSON.stringify([event(run), event(run, { epoch: 1 })]));
      const headers = { "content-encoding": "gzip" };
      expect(await api.json("/v1/events", { token: api.ingest, body, headers })).toMatchObject({ accepted: 2 });
    });

    test("the paper's format, with its token in the URL", async () => {
      const run = api.fresh("paper");
      const paper = { id: run, description: "on_epoch_end", created_at: "2023-08-14 10:00:00", logs: { q: "it's" } };
      const path = `/?token=${api.ingest}`;
      expect(await api.json(path, { body: paper })).toMatchObject({ accepted: 1 });
      const again = api.isQueued ? { accepted: 1, duplicates: 0 } : { accepted: 0, duplicates: 1 };
      expect(await api.json(path, { body: paper })).toMatchObject(again);
      expect(await api.json("/", { body: { ...paper, epoch: 1 }, token: api.ingest })).toMatchObject({ accepted: 1 });
      await expect.poll(async () => (await stored(run)).map(({ epoch }) => epoch)).toEqual([0, 1]);
      expect((await stored(run))[0]?.logs).toEqual({ q: "it's" });
    });

    test("numbers that JSON has no form for come back as they were", async () => {
      const run = api.fresh("numbers");
      const body = `{"run_id":"${run}","kind":"k","seq":9223372036854775807,"epoch":-9223372036854775808,"step":0,
        "logs":{"a":NaN,"b":[-Infinity,-0.0],"c":9007199254740993,"d":1e300,"e":{"$num":"5"}}}`;
      await api.json("/v1/events", { token: api.ingest, body });
      await expect.poll(() => stored(run)).toHaveLength(1);
      expect((await stored(run))[0]).toMatchObject({
        seq: { $num: "9223372036854775807" },
        epoch: { $num: "-9223372036854775808" },
        step: 0,
        batch: null,
        logs: {
          a: { $num: "NaN" },
          b: [{ $num: "-Infinity" }, { $num: "-0" }],
          c: { $num: "9007199254740993" },
          d: 1e300,
          e: 5,
        },
      });
    });

    test("text of every kind comes back as it was", async () => {
      const run = api.fresh("é😀'\"\\");
      const text = "\u0001\u001f\n\t\\u0000 \ufeff \u202e 😀 \uffff \"quotes\" 'and' {braces} $num";
      await api.send(event(run, { writer: "wörker", logs: { [text]: text, "": [text] } }));
      await expect.poll(() => stored(run)).toHaveLength(1);
      expect((await stored(run))[0]).toMatchObject({ writer: "wörker", logs: { [text]: text, "": [text] } });
    });

    test.skipIf(api.isQueued)(
      "sent twice, stored once; another body under the same id is a conflict and the first one stays",
      async () => {
        const run = api.fresh("twice");
        const id = api.fresh("id");
        const first = event(run, { event_id: id, logs: { a: 1, b: 2 } });
        expect(await api.send(first)).toMatchObject({ accepted: 1, duplicates: 0, conflicts: [] });
        expect(await api.send(first)).toMatchObject({ accepted: 0, duplicates: 1, conflicts: [] });
        const other = { ...first, logs: { a: 1, b: 3 } };
        expect(await api.send([other, first, event(run, { event_id: api.fresh("id") })])).toMatchObject({
          accepted: 1,
          duplicates: 1,
          conflicts: [id],
        });
        for (const change of [{ epoch: 0 }, { step: 1 }, { kind: "k" }, { writer: "w" }, { seq: 1 }, { logs: null }])
          expect(await api.send({ ...first, ...change })).toMatchObject({ accepted: 0, conflicts: [id] });
        await expect.poll(async () => (await stored(run)).map(({ logs }) => logs)).toEqual([{ a: 1, b: 2 }, null]);
      },
    );

    test.skipIf(api.isQueued)("the same within one request; the order of keys says nothing", async () => {
      const run = api.fresh("within");
      const id = api.fresh("id");
      const first = event(run, { event_id: id, logs: { a: 1, b: { c: 1, d: 2 } } });
      const reordered = event(run, { event_id: id, logs: { b: { d: 2, c: 1 }, a: 1 } });
      const other = event(run, { event_id: id, logs: { a: 2 } });
      expect(await api.send([first, first, reordered, other])).toMatchObject({
        accepted: 1,
        duplicates: 2,
        conflicts: [id],
      });
      expect(await api.send([reordered, other])).toMatchObject({ accepted: 0, duplicates: 1, conflicts: [id] });
    });

    test.skipIf(api.isQueued)("the same across requests at the same time", async () => {
      const run = api.fresh("at-once");
      const ids = Array.from({ length: 20 }, () => api.fresh("id"));
      const body = ids.map((event_id) => event(run, { event_id }));
      const answers = await Promise.all(Array.from({ length: 10 }, () => api.send(body)));
      const sum = (of: "accepted" | "duplicates") => answers.reduce((total, answer) => total + answer[of], 0);
      expect([sum("accepted"), sum("duplicates")]).toEqual([20, 180]);
      expect(answers.flatMap(({ conflicts }) => conflicts)).toEqual([]);
      await expect.poll(() => stored(run)).toHaveLength(20);
    });

    test("one identity is one project's", async () => {
      const run = api.fresh("projects");
      const id = api.fresh("id");
      const [a, b] = [api.fresh("a"), api.fresh("b")];
      const body = [a, b].map((project) => event(run, { project, event_id: id }));
      expect(await api.send(body)).toMatchObject({
        accepted: 2,
        control: { [`${a}/${run}`]: { stop: null }, [`${b}/${run}`]: { stop: null } },
      });
    });

    test("of a request that is refused nothing is stored", async () => {
      const run = api.fresh("refused");
      const good = Array.from({ length: 5 }, (_, step) => event(run, { step }));
      const problem = await api.problem("/v1/events", 400, {
        token: api.ingest,
        body: JSON.stringify([...good, event(run, { logs: { loss: "HUGE" } })]).replace('"HUGE"', "1e400"),
      });
      expect(problem).toMatchObject({ field: "events[5].logs.loss", found: "number" });
      await api.problem("/v1/events", 403, { token: api.ingest, body: [...good, event(run, { kind: "purge" })] });
      const token = await api.token({ projects: ["mine"], scopes: ["ingest"] });
      await api.problem("/v1/events", 403, { token, body: [event(run), event(run, { project: "theirs" })] });
      await api.problem(`/v1/runs/${run}`, 404, { token: api.reader });
      await api.problem(`/v1/runs/${run}?project=mine`, 404, { token: api.reader });
    });

    test.each([...RESERVED_KINDS])("%s is the server's to write", async (kind) => {
      const run = api.fresh("reserved");
      expect(await api.problem("/v1/events", 403, { token: api.ingest, body: event(run, { kind }) })).toMatchObject({
        field: "kind",
      });
      const paper = { id: run, description: kind, created_at: "2023-08-14" };
      await api.problem("/", 403, { token: api.ingest, body: paper });
    });

    test("nobody says who they are but by their token", async () => {
      const body = event(api.fresh("actor"), { actor: "root" });
      expect(await api.problem("/v1/events", 400, { token: api.ingest, body })).toMatchObject({ field: "actor" });
    });

    test("?project= is where events go that name none", async () => {
      const run = api.fresh("named");
      const project = api.fresh("p");
      await api.send(event(run), { query: `?project=${project}` });
      expect((await api.run(run, project)).run).toBe(run);
      await api.problem("/v1/events?project=a/b", 400, { token: api.ingest, body: event(run) });
    });

    test("without a time the server's is taken; with one, its µs are kept", async () => {
      const run = api.fresh("times");
      const before = Date.now();
      await api.send(event(run));
      const { started_at } = await api.run(run);
      expect(started_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(Math.abs(Date.parse(started_at) - before)).toBeLessThan(60_000);
      const kept = api.fresh("times");
      await api.send(event(kept, { created_at: "2026-01-31T13:00:00.123456+01:00" }));
      expect((await api.run(kept)).started_at).toBe("2026-01-31T12:00:00.123456Z");
      const early = api.fresh("times");
      await api.send(event(early, { created_at: "1969-12-31T23:59:59.999999Z" }));
      expect((await api.run(early)).started_at).toBe("1969-12-31T23:59:59.999999Z");
    });
  });
}
