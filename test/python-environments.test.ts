import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { prepareEnvironment } from "./python-environments.ts";

const environment = { folder: ".venv", requirements: "requirements.txt", tests: "those of the snake" };
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "integraviz-venv-"));
  writeFileSync(join(root, "requirements.txt"), "snake==1\n");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** A python3 on the PATH that makes environments whose pip says `pip` and exits with `code`. */
function python(code: number, pip = ""): void {
  const bin = join(root, "bin");
  mkdirSync(bin, { recursive: true });
  const made = `#!/bin/sh\\necho "$0" >> ${join(root, "calls")}\\necho "${pip}" >&2\\nexit ${code}\\n`;
  const script = `#!/bin/sh\nmkdir -p "$3/bin"\nprintf '${made}' > "$3/bin/python"\nchmod +x "$3/bin/python"\n`;
  writeFileSync(join(bin, "python3"), script, { mode: 0o755 });
  vi.stubEnv("PATH", `${bin}${delimiter}${process.env.PATH}`);
}

test("it is made once, and made up to date when its file changes", () => {
  python(0);
  const prepare = () => prepareEnvironment(environment, root);
  const calls = () => readFileSync(join(root, "calls"), "utf8").trim().split("\n").length;
  expect([prepare(), calls()]).toEqual([null, 1]);
  expect([prepare(), calls()]).toEqual([null, 1]);
  writeFileSync(join(root, "requirements.txt"), "snake==2\n");
  expect([prepare(), calls()]).toEqual([null, 2]);
});

test("one that cannot be filled is taken away, and what is skipped is named with the reason", () => {
  python(1, "ERROR: No matching distribution found for snake==1");
  expect(prepareEnvironment(environment, root)).toBe(
    ".venv cannot be made; these tests are skipped: those of the snake. ERROR: No matching distribution found for snake==1",
  );
  expect(existsSync(join(root, ".venv"))).toBe(false);
});

test("without python3 it says so", () => {
  vi.stubEnv("PATH", join(root, "nowhere"));
  expect(prepareEnvironment(environment, root)).toBe(
    ".venv cannot be made; these tests are skipped: those of the snake. There is no python3 on the PATH.",
  );
});
