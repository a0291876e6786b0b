import { describe, expect, test } from "vitest";
import { REFUSALS } from "../../../../contract/refusals.ts";
import {
  parseRetryAfterMs,
  RETRY_DEFAULTS,
  retryDelayMs,
  toRemedy,
} from "../../../../trainer/client/delivery/retry.ts";

describe("what to do about an answer", () => {
  test.each(Object.entries(REFUSALS))("%s: as the table of refusals says", (code, { status, remedy }) => {
    expect(toRemedy(status, code)).toBe(remedy);
  });

  test.each([
    [302, "set-up"],
    [400, "change"],
    [401, "sign-in"],
    [403, "sign-in"],
    [404, "set-up"],
    [408, "retry"],
    [413, "change"],
    [429, "retry"],
    [502, "retry"],
  ])("%i without a code, or with one of a later version, is %s", (status, remedy) => {
    for (const code of [undefined, "a-code-of-tomorrow", "toString", 5]) expect(toRemedy(status, code)).toBe(remedy);
  });
});

describe("the wait before the next try", () => {
  const waits = (failures: number, named: number | null = null) =>
    Array.from({ length: 200 }, () => retryDelayMs(RETRY_DEFAULTS, failures, named));

  test("begins at 250 ms, doubles, ends at 10 s, and half of it is left to chance", () => {
    for (const [failures, longest] of [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000].entries()) {
      const seen = waits(failures);
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(longest / 2);
      expect(Math.max(...seen)).toBeLessThanOrEqual(longest);
      expect(new Set(seen).size).toBeGreaterThan(100);
    }
  });

  test("is at least what the server named, an hour at the most", () => {
    expect(waits(0, 60_000)).toEqual(Array(200).fill(60_000));
    expect(parseRetryAfterMs("60")).toBe(60_000);
    expect(parseRetryAfterMs("999999")).toBe(3_600_000);
    expect(parseRetryAfterMs(new Date(Date.now() - 5_000).toUTCString())).toBe(0);
    expect([parseRetryAfterMs(null), parseRetryAfterMs("soon")]).toEqual([null, null]);
  });
});
