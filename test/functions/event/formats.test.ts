import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../functions/event/event.ts";
import { parseEvents, parseNdjson } from "../../../functions/event/formats.ts";
import { refusalOf } from "../http/refusals.ts";
import { sampleEvent } from "./sample-event.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const envelope = { project: "vision", now: NOW };
const events = (text: string) => parseEvents(text, envelope);
const lines = (text: string) => parseNdjson(text, envelope);
const one = (fields: string) => events(`{"run_id":"r","kind":"k",${fields}}`)[0]!;

describe("native events", () => {
  test("every field lands in its column", () => {
    const sent = {
      project: "audio",
      run_id: "r1",
      event_id: "e1",
      writer: "rank-3",
      seq: 1_767_182_400_000_001,
      kind: "on_epoch_end",
      epoch: 0,
      step: 100,
      batch: 7,
      created_at: "2026-01-31T11:59:59.123456Z",
      sent_at: "2026-01-31T11:59:59.500Z",
      logs: { loss: 0.5 },
    };
    expect(events(JSON.stringify(sent))).toEqual([
      {
        project: "audio",
        run: "r1",
        id: "e1",
        writer: "rank-3",
        seq: 1_767_182_400_000_001,
        kind: "on_epoch_end",
        actor: null,
        epoch: 0,
        step: 100,
        batch: 7,
        createdAt: Date.UTC(2026, 0, 31, 11, 59, 59) * 1000 + 123_456,
        sentSkew: 500,
        logs: '{"loss":0.5}',
      },
    ]);
  });

  test("what is missing is null, which is not 0", () => {
    const [event] = events('{"run_id":"r1","kind":"on_epoch_end"}');
    const { id: _, ...nothing } = sampleEvent({ project: "vision", run: "r1", kind: "on_epoch_end" });
    expect(event).toMatchObject(nothing);
    expect(one('"epoch":0,"step":null')).toMatchObject({ epoch: 0, step: null });
  });

  test.each([
    ["one event", '{"run_id":"r","kind":"k"}', 1],
    ["an array", '[{"run_id":"r","kind":"k"},{"run_id":"s","kind":"k"}]', 2],
    ["an envelope", '{"events":[{"run_id":"r","kind":"k"},{"run_id":"s","kind":"k"}]}', 2],
  ])("%s", (_, text, count) => {
    expect(events(text).map(({ run }) => run)).toEqual(["r", "s"].slice(0, count));
  });

  test("an envelope's sent_at is that of all its events", () => {
    const body = { events: [{ run_id: "r", kind: "k" }], sent_at: "2026-01-31T12:00:01.250" };
    expect(events(JSON.stringify(body))[0]?.sentSkew).toBe(-1250);
    expect(one('"sent_at":"1970-01-01T00:00:00Z"').sentSkew).toBe(2_147_483_647);
  });

  test("what stands beside events and means nothing is refused, not passed over", () => {
    const refusal = refusalOf(() => events('{"project":"p","events":[{"run_id":"r","kind":"k"}]}'));
    expect(refusal).toMatchObject({
      status: 400,
      details: { field: "project", fix: expect.stringContaining("?project=") },
    });
  });

  test.each(["on_train_begin", "heartbeat", "tags"])("a bare %s without an id is another one each time", (kind) => {
    const sent = `{"run_id":"r","kind":"${kind}","writer":"w","sent_at":"2026-01-31","logs":{"interval_s":10}}`;
    expect(events(sent)[0]!.id).not.toBe(events(sent)[0]!.id);
    expect(lines(`${sent}\n${sent}`)[0]!.id).not.toBe(events(sent)[0]!.id);
  });

  test.each(["seq", "epoch", "step", "batch"])("%s 0 says which event it is", (field) => {
    expect(one(`"${field}":0`).id).toBe(one(`"${field}":0`).id);
  });

  test("without an id the body is the identity: the same gives the same, anything else another", () => {
    const base = '"epoch":1,"logs":{"a":1}';
    expect(one(base).id).toBe(one(base).id);
    expect(one(base).id).toMatch(/^hash-[0-9a-f]{32}$/);
    const others = [
      '"epoch":2,"logs":{"a":1}',
      '"step":1,"logs":{"a":1}',
      '"epoch":1,"logs":{"a":2}',
      '"epoch":1',
      '"writer":"w","epoch":1,"logs":{"a":1}',
      '"seq":1,"epoch":1,"logs":{"a":1}',
      '"project":"other","epoch":1,"logs":{"a":1}',
      '"created_at":"2026-01-01","epoch":1,"logs":{"a":1}',
      '"epoch":9223372036854775807,"logs":{"a":1}',
    ];
    expect(new Set([base, ...others].map((fields) => one(fields).id)).size).toBe(others.length + 1);
  });
});

describe("numbers arrive as they were sent", () => {
  test.each([
    ["NaN", '{"$num":"NaN"}'],
    ["Infinity", '{"$num":"Infinity"}'],
    ["-Infinity", '{"$num":"-Infinity"}'],
    ["-0", '{"$num":"-0"}'],
    ["-0.0", '{"$num":"-0"}'],
    ["-0e5", '{"$num":"-0"}'],
    ["0", "0"],
    ["0.1", "0.1"],
    ["1e300", "1e+300"],
    ["5e-324", "5e-324"],
    ["9007199254740991", "9007199254740991"],
    ["9007199254740993", '{"$num":"9007199254740993"}'],
    ["9223372036854775807", '{"$num":"9223372036854775807"}'],
    ["-9223372036854775808", '{"$num":"-9223372036854775808"}'],
    ["123456789012345678901234567890", '{"$num":"123456789012345678901234567890"}'],
    ['{"$num":"5"}', "5"],
    ['{"$num":"NaN"}', '{"$num":"NaN"}'],
    ["[NaN,1]", '[{"$num":"NaN"},1]'],
    ['"NaN"', '"NaN"'],
  ])("logs.loss %s", (written, stored) => {
    expect(one(`"logs":{"loss":${written}}`).logs).toBe(`{"loss":${stored}}`);
    expect(lines(`{"run_id":"r","kind":"k","logs":{"loss":${written}}}`)[0]?.logs).toBe(`{"loss":${stored}}`);
  });

  test.each([
    ["0", 0],
    ["-0", 0],
    ["1e3", 1000],
    ["9007199254740993", 9007199254740993n],
    ["9223372036854775807", 9223372036854775807n],
    ["-9223372036854775808", -9223372036854775808n],
    ['{"$num":"7"}', 7],
    ["null", null],
  ])("epoch and seq %s", (written, stored) => {
    expect(one(`"epoch":${written},"seq":${written}`)).toMatchObject({ epoch: stored, seq: stored });
  });

  test("any JSON object of finite doubles, text and so on keeps its values", () => {
    const json = fc.jsonValue({ maxDepth: 5, stringUnit: "grapheme" });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), json), (sent) => {
        const text = JSON.stringify(sent);
        fc.pre(!/\\u0000|\$num|\\u[dD][89abAB]/.test(text));
        expect(JSON.parse(one(`"logs":${text}`).logs as string, plain)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  test("any double keeps its bits", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (doubles) => {
        const written = doubles.map((value) => (Object.is(value, -0) ? "-0.0" : String(value)));
        const { a } = JSON.parse(one(`"logs":{"a":[${written}]}`).logs as string, plain) as { a: number[] };
        a.forEach((value, index) => {
          expect(Object.is(value, doubles[index])).toBe(true);
        });
      }),
    );
  });
});

/** `{"$num": ...}` back to the double it stands for. */
function plain(_: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && "$num" in value ? Number(value.$num) : value;
}

const at3 = (fields: string) => `[${'{"run_id":"r","kind":"k"},'.repeat(3)}{"run_id":"r","kind":"k",${fields}}]`;

describe("refused, naming the place", () => {
  test.each([
    [at3('"logs":{"loss":1e400}'), "events[3].logs.loss", "number"],
    [at3('"logs":{"loss":-1e400}'), "events[3].logs.loss", "number"],
    [at3('"logs":{"a":[0,"\\u0000"]}'), "events[3].logs.a[1]", "string"],
    [at3('"logs":{"a":"\\ud800"}'), "events[3].logs.a", "string"],
    [at3('"logs":{"\\udc00":1}'), "events[3].logs.\ufffd", "string"],
    [at3('"logs":{"a":{"$num":"five"}}'), "events[3].logs.a", "number"],
    [at3('"logs":NaN'), "events[3].logs", "number"],
    [at3('"logs":[1]'), "events[3].logs", "array"],
    [at3('"logs":"{}"'), "events[3].logs", "string"],
    [at3('"epoch":"5"'), "events[3].epoch", "string"],
    [at3('"epoch":1.5'), "events[3].epoch", "number"],
    [at3('"epoch":NaN'), "events[3].epoch", "number"],
    [at3('"epoch":true'), "events[3].epoch", "boolean"],
    [at3('"seq":9223372036854775808'), "events[3].seq", "number"],
    [at3('"step":-9223372036854775809'), "events[3].step", "number"],
    [at3('"batch":1e19'), "events[3].batch", "number"],
    [at3('"created_at":"2026-02-31"'), "events[3].created_at", "string"],
    [at3('"created_at":1767182400'), "events[3].created_at", "number"],
    [at3('"created_at":null'), "events[3].created_at", "null"],
    [at3('"loss":0.5'), "events[3].loss", "number"],
    [at3('"actor":"root"'), "events[3].actor", "string"],
    [at3('"project":"a/b"'), "events[3].project", "string"],
    [at3('"event_id":""'), "events[3].event_id", "string"],
    [at3('"event_id":5'), "events[3].event_id", "number"],
    [at3('"writer":"\\n"'), "events[3].writer", "string"],
    ['[{"kind":"k"}]', "events[0].run_id", "nothing"],
    ['{"events":[{"run_id":"r"}]}', "events[0].kind", "nothing"],
    ['{"run_id":"r","kind":"k","sent_at":"soon"}', "sent_at", "string"],
    ['{"events":{}}', "events", "object"],
    ['[{"run_id":"r","kind":"k"},5]', "events[1]", "number"],
    ["5", "", "number"],
    ["null", "", "null"],
    ['"text"', "", "string"],
    ["NaN", "run_id", "nothing"],
  ])("%s", (text, field, found) => {
    const refusal = refusalOf(() => events(text));
    expect(refusal).toMatchObject({ status: 400, details: { field, found } });
    expect(refusal.details.fix).toBeTruthy();
  });

  test.each([["[]"], ['{"events":[]}']])("%s has no event", (text) => {
    expect(refusalOf(() => events(text))).toMatchObject({ status: 400, message: "The request has no event." });
  });

  test("more events than the limit", () => {
    const many = (count: number) => `[${Array(count).fill('{"run_id":"r","kind":"k"}')}]`;
    expect(events(many(LIMITS.events)).length).toBe(LIMITS.events);
    expect(refusalOf(() => events(many(LIMITS.events + 1))).status).toBe(413);
  });
});

describe("NDJSON", () => {
  test("one event a line, empty lines passed over, CRLF too", () => {
    const text = '{"run_id":"a","kind":"k"}\r\n\n  \n{"run_id":"b","kind":"k","logs":{"x":NaN}}\n';
    expect(lines(text).map(({ run, logs }) => [run, logs])).toEqual([
      ["a", null],
      ["b", '{"x":{"$num":"NaN"}}'],
    ]);
  });

  test.each([
    ['{"run_id":"a","kind":"k"}\n\n{"run_id":"b","kind":"k","epoch":"x"}', "line 3: epoch"],
    ['{"run_id":"a","kind":"k"}\n{', "line 2"],
    ["[]", "line 1"],
    ['{"events":[]}', "line 1: run_id"],
  ])("%j names the line", (text, field) => {
    expect(refusalOf(() => lines(text))).toMatchObject({ status: 400, details: { field } });
    expect(refusalOf(() => lines(text)).message).toMatch(/^line \d: /);
  });

  test("megabytes of empty lines are nothing, and counted", () => {
    const empty = "\n".repeat(LIMITS.inflatedBytes);
    expect(refusalOf(() => lines(empty)).message).toBe("The request has no event.");
    expect(refusalOf(() => lines(`${empty}{`)).details.field).toBe(`line ${LIMITS.inflatedBytes + 1}`);
  });

  test("nothing, and more than the limit", () => {
    expect(refusalOf(() => lines("\n \n")).message).toBe("The request has no event.");
    expect(refusalOf(() => lines('{"run_id":"a","kind":"k"}\n'.repeat(LIMITS.events + 1))).status).toBe(413);
  });
});
