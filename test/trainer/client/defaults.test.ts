import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DEFAULTS } from "../../../trainer/client/index.ts";

const api = readFileSync(new URL("../../../trainer/client/client-api.ts", import.meta.url), "utf8");

/** The default that the comment above an option names. */
function documented(option: string): string | undefined {
  const [above = ""] = api.split(`\n  ${option}?:`);
  const comment = above.slice(above.lastIndexOf("/**")).replaceAll(/\s+\*?\s*/g, " ");
  return /Default: ([\w,]+)/.exec(comment)?.[1]?.replaceAll(",", "");
}

test.each(Object.entries(DEFAULTS))("the comment of %s names its default, %s", (option, value) => {
  expect(documented(option)).toBe(String(value));
});
