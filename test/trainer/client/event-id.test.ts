import { expect, test } from "vitest";
import { eventId } from "../../../trainer/client/event-id.ts";
import { nextSeq } from "../../../trainer/client/wire-event.ts";

test("ids are unique and sort as they were made, also when the clock stands still or steps back", () => {
  const clock = Date.now();
  const ids = Array.from({ length: 20_000 }, (_, i) => eventId(i < 15_000 ? clock : clock - 60_000));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
});

test("an id carries its time", () => {
  const clock = Date.now() + 3_600_000;
  expect(Number.parseInt(eventId(clock).replace("-", "").slice(0, 12), 16)).toBe(clock);
});

test("seq follows the clock in µs and never repeats", () => {
  const clock = Date.now() + 1_000;
  expect([nextSeq(clock), nextSeq(clock), nextSeq(clock - 5)]).toEqual([
    clock * 1000,
    clock * 1000 + 1,
    clock * 1000 + 2,
  ]);
  expect(nextSeq(clock + 1)).toBe(clock * 1000 + 1000);
});
