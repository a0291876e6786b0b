import { describe, expect, test } from "vitest";
import { sampleEvent } from "../../event/sample-event.ts";
import { openMemoryStore } from "../memory/memory-store.ts";
import type { Suite } from "./opened.ts";

export function seriesTests(suite: Suite): void {
  describe("series", () => {
    test.each([
      ["numbers alone", () => false],
      ["some that are not finite", (step: number) => step % 7 === 3 || step > 250],
    ])("are thinned as downsample() does it: %s", async (_, isOdd) => {
      const project = suite.project("thinned");
      const memory = openMemoryStore();
      const odd = ['{"$num":"NaN"}', '{"$num":"-Infinity"}', '{"$num":"Infinity"}'];
      const events = Array.from({ length: 300 }, (_, step) =>
        sampleEvent({
          project,
          id: `id-${step}`,
          seq: (step * 37) % 101,
          step,
          createdAt: step,
          logs: `{"loss":${isOdd(step) ? odd[step % 3] : Math.round(Math.sin(step) * 50)}}`,
        }),
      );
      for (const one of [memory, suite.store]) await one.append(events);
      await suite.settled(project, events.length);
      // Buckets of whole groups of 20 points at first, of single points then, and none at last.
      for (const points of [10, 11, 50, 97, 299, 300]) {
        const query = { project, runs: ["run"], metrics: ["loss"], x: "step" as const, points };
        const [theirs, ours] = [await suite.store.series(query), await memory.series(query)];
        expect(theirs.series, `${points} points`).toEqual(ours.series);
      }
    });
  });
}
