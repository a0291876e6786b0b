import { afterEach, describe, expect, test } from "vitest";
import { Refusal } from "../../../../functions/refusals/refusal.ts";
import type { EventsQuery, Store } from "../../../../functions/stores/store.ts";
import type { Api, Ask, SuiteApi } from "./api.ts";
import { EventStream } from "./event-stream.ts";

export function streamTests(api: SuiteApi): void {
  describe("stream", () => {
    const opened: EventStream[] = [];
    afterEach(async () => {
      for (const stream of opened.splice(0)) await stream.close();
    });
    const open = async (query: string, { headers = {}, on = api }: { headers?: Ask["headers"]; on?: Api } = {}) => {
      const ask = (more: Ask["headers"]) =>
        on.ask(`/v1/stream?${query}`, { token: api.reader, headers: { ...headers, ...more } });
      const polls = api.streaming === "poll" && on === api;
      const stream = new EventStream(await ask({}), polls ? (id) => ask({ "last-event-id": id }) : undefined);
      opened.push(stream);
      return stream;
    };
    const append = async (project: string, ids: string[], run = "r") => {
      await api.send(ids.map((event_id) => ({ project, run_id: run, event_id, kind: "on_train_batch_end" })));
      return ids;
    };
    const many = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    /** Until all that was sent can be read. */
    const settled = (project: string, count: number) =>
      expect
        .poll(async () => (await api.store.events({ project, after: "0", limit: 10_000 })).events.length)
        .toBe(count);

    test("HEAD is answered at once, with no stream behind it", async () => {
      const answer = await api.ask("/v1/stream", { method: "HEAD", token: api.reader });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe("");
    });

    test("says hello with a cursor, then events as they are appended", async () => {
      const project = api.fresh("stream");
      const stream = await open(`project=${project}`);
      expect(stream.answer.headers.get("content-type")).toContain("text/event-stream");
      expect(stream.answer.headers.get("cache-control")).toMatch(/^no-/);
      const hello = await stream.next();
      expect(hello).toMatchObject({ event: "hello", id: hello?.data.cursor, retry: "2000" });
      await api.send({
        project,
        run_id: "r",
        event_id: "e",
        kind: "on_epoch_end",
        writer: "w",
        seq: 7,
        epoch: 0,
        created_at: "2026-01-31T12:00:00.500Z",
        logs: { loss: { $num: "NaN" } },
      });
      const message = await stream.next();
      expect(message).toMatchObject({ event: "events", id: expect.stringMatching(/^\d+$/) });
      expect(message?.data.events).toEqual([
        {
          run: "r",
          event_id: "e",
          kind: "on_epoch_end",
          writer: "w",
          seq: 7,
          actor: null,
          epoch: 0,
          step: null,
          batch: null,
          at: Date.UTC(2026, 0, 31, 12, 0, 0, 500),
          logs: { loss: { $num: "NaN" } },
        },
      ]);
    });

    test("of one project, and of some runs of it", async () => {
      const [mine, theirs] = [api.fresh("mine"), api.fresh("theirs")];
      const all = await open(`project=${mine}`);
      const some = await open(`project=${mine}&run=a&run=b`);
      for (const stream of [all, some]) await stream.next();
      await append(theirs, ["x"], "a");
      await append(mine, ["1"], "a");
      await append(mine, ["2"], "c");
      await append(mine, ["3"], "b");
      expect(await all.ids(3)).toEqual(["1", "2", "3"]);
      expect(await some.ids(2)).toEqual(["1", "3"]);
    });

    test("resumes after a cursor, and after Last-Event-ID, which counts for more", async () => {
      const project = api.fresh("resume");
      const first = await open(`project=${project}`);
      const start = (await first.next())?.id as string;
      await append(project, ["1"]);
      const one = await first.next();
      expect(one?.data.events.map(({ event_id }) => event_id)).toEqual(["1"]);
      await first.close();
      await append(project, ["2"]);
      await append(project, ["3"]);
      await settled(project, 3);
      const resumed = await open(`project=${project}&after=${one?.id}`);
      expect(await resumed.ids(2)).toEqual(["2", "3"]);
      const again = await open(`project=${project}&after=${start}`, {
        headers: { "last-event-id": one?.id as string },
      });
      expect((await again.next())?.id).toBe(one?.id);
      expect(await again.ids(2)).toEqual(["2", "3"]);
      const whole = await open(`project=${project}&after=0`);
      expect(await whole.ids(3)).toEqual(["1", "2", "3"]);
      const odd = await open(`project=${project}&after=0`, { headers: { "last-event-id": "99999999999999999999" } });
      expect(await odd.ids(3)).toEqual(["1", "2", "3"]);
    });

    test("skips nothing and sends nothing twice while 200 appends run at the same time", async () => {
      const project = api.fresh("busy");
      const stream = await open(`project=${project}`);
      await stream.next();
      const batches = Array.from({ length: 200 }, (_, index) => many(`${index}-`, 3));
      const received = stream.ids(600);
      // A second reader that loses its connection again and again, and goes on where it was.
      const patient = resuming(project, 600);
      await Promise.all(batches.map((ids, index) => append(project, ids, `run-${index % 5}`)));
      const ids = await received;
      expect(ids.length).toBe(600);
      expect(new Set(ids)).toEqual(new Set(batches.flat()));
      const pieces = await patient;
      expect(pieces.length).toBe(600);
      expect(new Set(pieces)).toEqual(new Set(batches.flat()));
    });

    async function resuming(project: string, count: number): Promise<string[]> {
      const ids: string[] = [];
      let cursor = "0";
      while (ids.length < count) {
        const stream = await open(`project=${project}&after=${cursor}`);
        await stream.next();
        const message = await stream.next();
        await stream.close();
        if (message === null) continue;
        ids.push(...message.data.events.map(({ event_id }) => event_id));
        cursor = message.id;
      }
      return ids;
    }

    test("a backlog larger than asked for is passed over with a reset", async () => {
      const project = api.fresh("backlog");
      for (const part of ["a", "b", "c"]) await append(project, many(part, 1_000));
      await settled(project, 3_000);
      const whole = await open(`project=${project}&after=0`);
      expect((await whole.ids(3_000)).length).toBe(3_000);
      const stream = await open(`project=${project}&after=0&backlog=1000`);
      await stream.next();
      const reset = await stream.next();
      expect(reset).toMatchObject({ event: "reset", id: reset?.data.cursor });
      await append(project, ["new"]);
      expect(await stream.ids(1)).toEqual(["new"]);
    });

    test("a cursor from another log does no harm: it goes on at the end", async () => {
      const project = api.fresh("future");
      await append(project, ["old"]);
      const stream = await open(`project=${project}&after=9223372036854775807`);
      expect(await stream.next()).toMatchObject({ event: "hello" });
      await settled(project, 1);
      // Once it has looked, and found its place.
      await expect
        .poll(async () => {
          await append(project, [api.fresh("new")]);
          return stream.next(500).catch(() => null);
        })
        .toMatchObject({ event: "events" });
    });

    test("behind an API that cannot stream it says what there is, and ends", async () => {
      const project = api.fresh("poll");
      await append(project, many("e", 1_500));
      await settled(project, 1_500);
      const polled = await api.with({ streaming: "poll" });
      const stream = await open(`project=${project}&after=0`, { on: polled });
      expect(await stream.next()).toMatchObject({ event: "hello", retry: expect.stringMatching(/^\d+$/) });
      const [one, two] = [await stream.next(), await stream.next()];
      expect([one?.data.events.length, two?.data.events.length]).toEqual([1_000, 500]);
      expect(await stream.next()).toBeNull();
      const rest = await open(`project=${project}&after=${two?.id}`, { on: polled });
      expect(await rest.next()).toMatchObject({ event: "hello", id: two?.id });
      expect(await rest.next()).toBeNull();
    });

    test.skipIf(api.streaming === "poll")("a reader that has left is forgotten", async () => {
      const project = api.fresh("left");
      let listening = 0;
      const store = Object.create(api.store, {
        onAppend: {
          value: (wake: () => void) => {
            const forget = api.store.onAppend(wake);
            listening += 1;
            return () => {
              listening -= 1;
              forget();
            };
          },
        },
      });
      const other = await api.with({ store });
      const stream = await open(`project=${project}`, { on: other });
      await stream.next();
      expect(listening).toBe(1);
      await stream.close();
      await expect.poll(() => listening).toBe(0);
    });

    test("a store that is away is waited for; any other error of it is reported", async () => {
      const broken = new Error("no such column");
      const errors: unknown[] = [new Refusal("store-unavailable", "The database does not answer."), broken];
      const store: Store = Object.create(api.store, {
        events: {
          value: (query: EventsQuery) => (errors.length > 0 ? Promise.reject(errors.shift()) : api.store.events(query)),
        },
      });
      const reports: unknown[] = [];
      const other = await api.with({ store, report: (error) => reports.push(error) });
      await open("", { on: other });
      await open("", { on: other });
      await expect.poll(() => reports).toEqual([broken]);
    });

    test.each([
      ["after=x", "after"],
      ["after=-1", "after"],
      ["after=9223372036854775808", "after"],
      ["after=99999999999999999999", "after"],
      ["backlog=0", "backlog"],
      ["run=", "run.0"],
      ["run=%00", "run.0"],
    ])("?%s is refused at %s", async (query, field) => {
      expect(await api.problem(`/v1/stream?${query}`, 400, { token: api.reader })).toMatchObject({ field });
    });
  });
}
