import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { capabilityMatrix } from "../../components/checking/matrix.ts";

test("docs/deploy.md prints the capabilities that refuse a combination", () => {
  const text = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
  const printed = /<!-- capabilities -->\n(.*?)<!-- \/capabilities -->/s.exec(text)?.[1];
  expect(printed).toBe(capabilityMatrix());
});
