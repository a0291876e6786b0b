import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rotateLog } from "../../embedded/server-log.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "integraviz-log-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a server's log and the one before it are bounded, and what is written meanwhile goes on in the same file", () => {
  const file = join(folder, "postgres.log");
  rotateLog(file);
  writeFileSync(file, Buffer.alloc(10_000_000, "x"));
  rotateLog(file);
  expect(statSync(file).size).toBe(10_000_000);
  appendFileSync(file, "y");
  const { ino } = statSync(file);
  rotateLog(file);
  appendFileSync(file, "z");
  expect(statSync(file)).toMatchObject({ size: 1, ino });
  expect(statSync(`${file}.1`).size).toBe(10_000_001);
});
