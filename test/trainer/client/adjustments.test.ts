import { expect, test } from "vitest";
import { Adjustments } from "../../../trainer/client/adjustments.ts";

test("an answer is to what was handed out, although another came since", () => {
  const told: [kind: string, id: unknown][] = [];
  const adjustments = new Adjustments({
    run: "r",
    answer: (kind, _, { adjust_event_id }) => told.push([kind, adjust_event_id]),
    tell: () => {},
  });
  const ask = (event_id: string, value: number) => adjustments.take({ learning_rate: { event_id, value } });
  ask("first", 0.1);
  expect(adjustments.requested("learning_rate")).toBe(0.1);
  ask("second", 0.2);
  adjustments.applied("learning_rate", 0.1);
  expect(adjustments.requested("learning_rate")).toBe(0.2);
  adjustments.applied("learning_rate", 0.2);
  expect(told).toEqual([
    ["adjust_refused", "first"],
    ["adjust_applied", "second"],
  ]);
});
