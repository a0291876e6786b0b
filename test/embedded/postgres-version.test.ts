import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataFolder } from "../../embedded/data-folder.ts";
import { checkVersion, OtherVersion } from "../../embedded/postgres-version.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "integraviz-version-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that says its version in these words. */
function program(words: string): string {
  const path = join(folder, "postgres");
  writeFileSync(path, `#!/bin/sh\necho '${words}'\n`, { mode: 0o755 });
  return path;
}

describe.each([
  ["postgres (PostgreSQL) 17.5", "17"],
  ["postgres (PostgreSQL) 17.5 (Debian 17.5-1.pgdg120+1)", "17"],
  ["postgres (PostgreSQL) 14.18 (Ubuntu 14.18-0ubuntu0.22.04.1)", "14"],
  ["postgres (PostgreSQL) 18beta1", "18"],
])("%s", (words, major) => {
  test.each([major, "16"])("a folder of PostgreSQL %s", (made) => {
    const data = { path: folder, cluster: folder } as DataFolder;
    writeFileSync(join(folder, "PG_VERSION"), `${made}\n`);
    const check = () => checkVersion(data, program(words));
    if (made === major) check();
    else expect(check).toThrow(OtherVersion);
  });
});

test("a program that does not say its version is told by its words", () => {
  const data = { path: folder, cluster: folder } as DataFolder;
  expect(() => checkVersion(data, program("hello 17"))).toThrow("does not say its version: hello 17");
});
