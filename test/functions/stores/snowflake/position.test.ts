import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { msOf, POSITIONS_A_MS } from "../../../../functions/stores/snowflake/position.ts";

/** ms since 1970 of position 0. */
const epoch = msOf(0n);

test.each(["mark", "insert", "horizon"])("%s.sql makes positions as position.ts reads them", (name) => {
  const text = readFileSync(new URL(`../../../../functions/stores/snowflake/sql/${name}.sql`, import.meta.url), "utf8");
  const made = [...text.matchAll(/CURRENT_TIMESTAMP\(\)\) - (\d+)\) \* (\d+)/g)].map(([, from, times]) => [
    from,
    times,
  ]);
  expect(made.length).toBe(text.match(/CURRENT_TIMESTAMP/g)?.length);
  expect(new Set(made.map(String))).toEqual(new Set([`${epoch},${POSITIONS_A_MS}`]));
});

test("old-marks.sql keeps a day of positions", () => {
  const text = readFileSync(
    new URL("../../../../functions/stores/snowflake/repeatable/old-marks.sql", import.meta.url),
    "utf8",
  );
  const [, kept = "0"] = /\(SELECT MAX\(pos\) FROM appends\) - (\d+)/.exec(text) ?? [];
  expect(BigInt(kept)).toBe(BigInt(24 * 3_600_000) * POSITIONS_A_MS);
});
