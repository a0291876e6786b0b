import { describe, expect, test } from "vitest";
import type { Event } from "../../../../functions/event/event.ts";
import { readLogs } from "../../../../functions/event/values.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import type { Suite } from "./opened.ts";

const INT64_MAX = 9223372036854775807n;

export function valueTests(suite: Suite): void {
  const logs = (value: object) => readLogs(structuredClone(value), "logs", true);

  describe("values come back as they went in", () => {
    test.each<[string, Partial<Event>, object]>([
      ["epoch, step and batch 0", { epoch: 0, step: 0, batch: 0 }, { epoch: 0, step: 0, batch: 0 }],
      ["no epoch, step and batch", {}, { epoch: null, step: null, batch: null, logs: null }],
      [
        "the ends of 64 bits",
        { seq: INT64_MAX, epoch: INT64_MAX, step: -INT64_MAX - 1n, batch: -1 },
        {
          seq: { $num: "9223372036854775807" },
          epoch: { $num: "9223372036854775807" },
          step: { $num: "-9223372036854775808" },
          batch: -1,
        },
      ],
      ["a time before 1970, to the µs", { createdAt: -1 }, { at: -0.001 }],
      ["no logs and empty logs", { logs: "{}" }, { logs: {} }],
    ])("%s", async (_, fields, found) => {
      expect(await suite.stored(fields)).toMatchObject(found);
    });

    test("numbers that JSON has no form for, and those at the edges of a double", async () => {
      const value = {
        nan: { $num: "NaN" },
        high: { $num: "Infinity" },
        low: { $num: "-Infinity" },
        zero: { $num: "-0" },
        exact: { $num: "9007199254740993" },
        deep: [{ in: { $num: "NaN" } }],
        edges: [0, -1.5, 0.1, 1e300, -1e22, 1e-7, 9007199254740991, 1.7976931348623157e308, 5e-324],
      };
      expect((await suite.stored({ logs: logs(value) })).logs).toEqual(value);
    });

    test("JSON of every shape: null is not absence, text is not a number", async () => {
      const value = { a: null, b: true, c: "1", d: "", e: [], f: {}, g: [null, [1, "x", { h: false }]], "": 0 };
      expect((await suite.stored({ logs: logs(value) })).logs).toEqual(value);
    });

    test.each([
      ["Unicode", "\u0001\u001f\t\n \ufeff \u202e é 漢字 👩‍👩‍👧 \uffff \\u0000 $num"],
      ["quotes", `'it''s' "double" \`tick\` \\ \\' $1 $$ ? :1 %s {} -- /* */ ;`],
      ["SQL", `x'); DROP TABLE events; -- ' OR '1'='1`],
    ])("%s in every text", async (_, text) => {
      const value = { [text]: text, list: [text] };
      // Run, id, writer and kind are one line each, the actor and the logs any text.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it takes out
      const name = text.replace(/[\u0000-\u001f]/g, "");
      const fields = { run: name, id: name, writer: name, kind: name, actor: text, logs: logs(value) };
      expect(await suite.stored(fields)).toMatchObject({
        run: name,
        event_id: name,
        writer: name,
        kind: name,
        actor: text,
        logs: value,
      });
    });

    test("names, tags and metrics with quotes and SQL in them are found again", async () => {
      const odd = `o'd"d\\ $1 ?; DROP VIEW runs; --`;
      const project = suite.project("odd");
      await suite.store.append([
        sampleEvent({ project, run: odd, kind: "tags", logs: logs({ name: odd, [odd]: odd }) }),
        sampleEvent({ project, run: odd, kind: "on_epoch_end", epoch: 0, logs: logs({ [odd]: 5 }) }),
      ]);
      await suite.settled(project, 2);
      const query = { project, text: odd.toUpperCase(), sort: "name", limit: 10 } as const;
      expect((await suite.store.runs(query)).runs).toMatchObject([
        { run: odd, name: odd, tags: { [odd]: odd }, summary: [{ metric: odd, last: 5 }] },
      ]);
      const asked = { project, runs: [odd], metrics: [odd], x: "epoch", points: 10 } as const;
      const { series } = await suite.store.series({ ...asked, runs: [odd], metrics: [odd] });
      expect(series).toMatchObject([{ run: odd, metric: odd, y: [5] }]);
      expect(await suite.store.control(project, [odd])).toEqual([{ project, run: odd, stop: null }]);
    });

    test("logs of 1 MB", async () => {
      const value = { text: "é".repeat(500_000), list: Array.from({ length: 1_000 }, (_, index) => `é${index}`) };
      expect((await suite.stored({ logs: logs(value) })).logs).toEqual(value);
    });

    test("1,000 metrics in an event", async () => {
      const project = suite.project("wide");
      const value = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`m${index}`, index / 7]));
      await suite.store.append([sampleEvent({ project, kind: "on_epoch_end", epoch: 0, logs: logs(value) })]);
      expect((await suite.settled(project, 1))[0]?.logs).toEqual(value);
      const summary = (await suite.store.run(project, "run"))?.summary ?? [];
      expect(Object.fromEntries(summary.map(({ metric, last }) => [metric, last]))).toEqual(value);
    });
  });
}
