import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LIMITS, RESERVED_KINDS } from "../../../functions/event/event.ts";
import { parseEvents, parsePaper } from "../../../functions/event/formats.ts";
import { isKnownKind, KINDS, toKindsTable } from "../../../functions/event/kinds.ts";
import { Warnings } from "../../../functions/event/warnings.ts";
import { LEVELS } from "../../../functions/stores/metric-keys.ts";
import { refusalOf } from "../http/refusals.ts";

const read = (body: unknown) => parseEvents(JSON.stringify(body), { project: "p", now: 0 });

describe("the vocabulary", () => {
  test("docs/send.md has its table: put what this expects into it when it changes", () => {
    expect(readFileSync(new URL("../../../docs/send.md", import.meta.url), "utf8")).toContain(toKindsTable());
  });

  test("has every kind that means something", () => {
    expect([...Object.keys(LEVELS), ...RESERVED_KINDS].filter((kind) => !isKnownKind(kind))).toEqual([]);
    for (const { says } of Object.values(KINDS)) expect(says).toMatch(/^[A-Z].*\.$/);
  });
});

describe("plain metrics", () => {
  const metrics = (more: object) => read({ run_id: "r", kind: "metrics", ...more })[0]!;

  test.each([
    [{ epoch: 2, values: { loss: 1 } }, "on_epoch_end", '{"loss":1}'],
    [{ step: 2, values: { loss: 1 } }, "on_train_batch_end", '{"loss":1}'],
    [{ step: 2, epoch: 0, values: { loss: 1 } }, "on_train_batch_end", '{"loss":1}'],
    [{ values: { loss: 1 } }, "on_train_batch_end", '{"loss":1}'],
    [{ epoch: 0, step: null, split: "train", values: { loss: 1 } }, "on_epoch_end", '{"loss":1}'],
    [
      { epoch: 0, split: "validation", values: { loss: 1, eval_acc: 2 } },
      "on_epoch_end",
      '{"val_loss":1,"eval_acc":2}',
    ],
    [{ step: 0, split: "test", values: { fid: { $num: "NaN" } } }, "on_train_batch_end", '{"test_fid":{"$num":"NaN"}}'],
    [{ epoch: 0, logs: { loss: 1 } }, "on_epoch_end", '{"loss":1}'],
  ])("%j are an event %s", (more, kind, logs) => {
    expect(metrics(more)).toMatchObject({ kind, logs });
  });

  test("keep integers beyond 2^53, and are the same event when sent again", () => {
    const text = '{"run_id":"r","kind":"metrics","step":1,"values":{"count":9007199254740993}}';
    const [one, again] = [text, text].map((body) => parseEvents(body, { project: "p", now: 0 })[0]!);
    expect(one).toEqual(again);
    expect(one!.logs).toBe('{"count":{"$num":"9007199254740993"}}');
  });

  test("are refused at the value's own place", () => {
    const body = { run_id: "r", kind: "metrics", values: { loss: { $num: "x" } } };
    expect(refusalOf(() => read([body]))).toMatchObject({ details: { field: "events[0].values.loss" } });
  });
});

describe("warnings", () => {
  const told = (kind: string, logs: object) => {
    const warnings = new Warnings();
    parseEvents(JSON.stringify([{ run_id: "r", kind, logs }]), { project: "p", now: 0, warnings });
    return warnings.all;
  };

  test.each<[unknown, string, RegExp]>([
    ["0.5", "is text", /without quotes/],
    ["NaN", "is text", /without quotes/],
    ["97 %", "is text", /without quotes/],
    [true, "is a boolean", /0 or 1/],
    [[1, 2], "is a list", /mean/],
    [{ mean: 1 }, "is nested", /^Send a\/mean beside/],
  ])("%j in place of a number", (value, is, fix) => {
    expect(told("on_epoch_end", { loss: 1, a: value })).toEqual([
      {
        field: "events[0].logs.a",
        detail: `a of an event on_epoch_end ${is}, so it is no metric.`,
        fix: expect.stringMatching(fix),
      },
    ]);
  });

  test("a metric without a name, and one whose name is too long to ask for", () => {
    const long = "x".repeat(LIMITS.name);
    expect(told("on_epoch_end", { loss: 1, "": 2, [`${long}x`]: { $num: "NaN" } })).toEqual([
      {
        field: 'events[0].logs.""',
        detail: '"" of an event on_epoch_end is a metric without a name, so it cannot be charted.',
        fix: "Give it a name.",
      },
      {
        field: `events[0].logs.${"x".repeat(40)}…`,
        detail: expect.stringContaining("has a name of 251 characters"),
        fix: "Give it a name of 250 characters at the most.",
      },
    ]);
    expect(told("on_epoch_end", { [long]: 1, [`val_${long}`]: 2, [`${long}text`]: "good" })).toEqual([]);
    expect(told("params", { "": 1 })).toEqual([]);
  });

  test("an unknown kind with numbers, and a definition that defines nothing", () => {
    expect(told("epoch_end", { loss: 1 })[0]).toMatchObject({ field: "events[0].logs", fix: /on_epoch_end/ });
    expect(told("define", { metric: "fid", best: "low" })[0]).toMatchObject({ fix: /min or max/ });
  });

  test("nothing where all is well, or looks like no metric", () => {
    expect(told("on_epoch_end", { loss: 1, nan: { $num: "NaN" }, note: "good", left: null })).toEqual([]);
    expect(told("define", { metric: "fid", best: "min" })).toEqual([]);
    expect(told("params", { lr: "0.5", deep: { a: [1] } })).toEqual([]);
    expect(told("my_note", { text: "5" })).toEqual([]);
    expect(told("trial", { number: 5 })).toEqual([]);
  });

  test("each once in a request, however many events say it, and no more than 20", () => {
    const warnings = new Warnings();
    const envelope = { project: "p", now: 0, warnings };
    const event = (logs: object) => ({ run_id: "r", kind: "on_epoch_end", logs });
    parseEvents(JSON.stringify([event({ a: "1" }), event({ a: "2" })]), envelope);
    expect(warnings.all).toHaveLength(1);
    parseEvents(
      JSON.stringify(event(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`m${n}`, true])))),
      envelope,
    );
    expect(warnings.all).toHaveLength(20);
  });

  test("plain metrics and the paper's events are looked at too", () => {
    const warnings = new Warnings();
    const envelope = { project: "p", now: 0, warnings };
    parseEvents('{"run_id":"r","kind":"metrics","epoch":0,"values":{"loss":"0.5"}}', envelope);
    parsePaper('{"id":"r","description":"on_epoch_end","created_at":0,"logs":{"acc":"0.5"}}', envelope);
    expect(warnings.all.map(({ field }) => field)).toEqual(["values.loss", "logs.acc"]);
  });
});
