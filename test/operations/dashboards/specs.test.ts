import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { standardDashboards } from "../../../dashboards/shipped.ts";
import { chosenDashboards } from "../../../operations/dashboards/specs.ts";

const folder = mkdtempSync(join(tmpdir(), "specs-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a spec may begin with a byte order mark", () => {
  const [shipped] = standardDashboards();
  const file = join(folder, "own.json");
  writeFileSync(file, `\uFEFF${JSON.stringify({ ...shipped, key: "own" })}`);
  expect(chosenDashboards([file])).toMatchObject([{ key: "own", title: shipped!.title }]);
  writeFileSync(file, "{");
  expect(() => chosenDashboards([file])).toThrow(/--spec .*own\.json cannot be read/);
});
