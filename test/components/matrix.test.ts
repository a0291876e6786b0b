import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { capabilityMatrix } from "../../components/checking/matrix.ts";

test("README prints the capabilities that refuse a combination", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const printed = /<!-- capabilities -->\n(.*?)<!-- \/capabilities -->/s.exec(readme)?.[1];
  expect(printed).toBe(capabilityMatrix());
});
