import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildLivePage } from "../../../dashboards/live/build.ts";
import { buildBundles } from "../../../functions/build/build.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "integraviz-notices-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a bundle comes with the licences of what is in it", async () => {
  await buildBundles(folder, ["docker-postgres"]);
  const notice = readFileSync(join(folder, "docker-postgres/NOTICE.txt"), "utf8");
  for (const line of [
    /^hono [\d.]+: MIT$/m,
    /^jose [\d.]+: MIT$/m,
    /^pg [\d.]+: MIT$/m,
    /^Permission is hereby granted/m,
  ])
    expect(notice).toMatch(line);
  expect(notice).not.toMatch(/^snowflake-sdk/m);
});

test("so does the live page", async () => {
  await buildLivePage(join(folder, "live"));
  const notice = readFileSync(join(folder, "live/NOTICE.txt"), "utf8");
  for (const line of [/^echarts [\d.]+: Apache-2.0$/m, /^zrender [\d.]+: BSD-3-Clause$/m, /^Apache ECharts$/m])
    expect(notice).toMatch(line);
});
