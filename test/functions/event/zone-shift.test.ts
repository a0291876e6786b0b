import { describe, expect, test } from "vitest";
import { parseEvents, parsePaper } from "../../../functions/event/formats.ts";

const NOW = Date.UTC(2026, 10, 30, 12);
const SECOND = 1000;
const HOUR = 3_600 * SECOND;
/** The time of a clock that is off by so many ms, as Python writes it. */
const local = (off: number) => new Date(NOW + off).toISOString().replace("T", " ").replace("Z", "000");

describe("a time without a zone that was sent at once", () => {
  const paper = (created_at: unknown, now = NOW) =>
    parsePaper(JSON.stringify({ id: "r", description: "on_train_begin", created_at }), { project: "p", now })[0]!;

  test.each([
    ["São Paulo", -3 * HOUR],
    ["Berlin", HOUR],
    ["Kathmandu", 5.75 * HOUR],
    ["Kiribati", 14 * HOUR],
    ["UTC", 0],
  ])("in %s is put right", (_where, off) => {
    expect(paper(local(off - 20 * SECOND)).createdAt).toBe((NOW - 20 * SECOND) * 1000);
    expect(paper(local(off + 2 * SECOND)).createdAt).toBe((NOW + 2 * SECOND) * 1000);
  });

  test.each([
    ["a clock that is off by no whole quarter of an hour", local(-3 * HOUR - 5 * 60 * SECOND)],
    ["of another day", local(-24 * HOUR)],
    ["with a zone", `${local(-3 * HOUR).trim()}Z`],
    ["as seconds", (NOW - 3 * HOUR) / 1000],
    ["a date", "2026-11-30"],
  ])("stays as it is: %s", (_what, created_at) => {
    const micros =
      typeof created_at === "number"
        ? created_at * 1e6
        : Date.parse(`${created_at}${/Z|^.{10}$/.test(created_at) ? "" : "Z"}`) * 1000;
    expect(paper(created_at).createdAt).toBe(micros);
  });

  test("is the same event when it is sent again, whenever that is", () => {
    const at = local(-3 * HOUR);
    expect(paper(at, NOW + 7 * 60 * SECOND).id).toBe(paper(at).id);
  });
});

describe("times without a zone beside sent_at", () => {
  const native = (sent_at: string, created_at: string) => {
    const body = { events: [{ run_id: "r", kind: "k", created_at }], sent_at };
    return parseEvents(JSON.stringify(body), { project: "p", now: NOW })[0]!;
  };

  test("are put right by what sent_at is off, however old they are", () => {
    expect(native(local(HOUR), local(HOUR - 600 * SECOND))).toMatchObject({
      createdAt: (NOW - 600 * SECOND) * 1000,
      sentSkew: 0,
    });
  });

  test("stay as they are where they or sent_at have a zone", () => {
    const utc = (off: number) => new Date(NOW + off).toISOString();
    expect(native(local(HOUR), utc(HOUR)).createdAt).toBe((NOW + HOUR) * 1000);
    expect(native(utc(HOUR), local(HOUR))).toMatchObject({ createdAt: (NOW + HOUR) * 1000, sentSkew: -HOUR });
  });
});
