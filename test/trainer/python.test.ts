import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** The Python client's own tests (pytest), each as a test here, so that they are counted with the others. */
interface PythonTest {
  test: string;
  outcome: "passed" | "failed" | "skipped";
  said: string;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PYTHON = join(ROOT, ".venv-python", "bin", "python");

if (!existsSync(PYTHON)) {
  test.skip("the Python client: there is no .venv-python, which npm test makes where there is a python3", () => {});
} else {
  const { tests, output, code } = await runPytest();
  describe("pytest", () => {
    test("runs", () => {
      expect(tests.length, output).toBeGreaterThan(0);
      // 1: some tests failed, each of which is told below.
      expect([0, 1], output).toContain(code);
    });
    for (const { test: name, outcome, said } of tests) {
      const title = name.replace(/^.*\/python\//, "");
      if (outcome === "skipped") test.skip(`${title} (${said})`, () => {});
      else test(title, () => expect(outcome, said).toBe("passed"));
    }
  });
}

async function runPytest(): Promise<{ tests: PythonTest[]; output: string; code: number | null }> {
  const folder = await mkdtemp(join(tmpdir(), "integraviz-pytest-"));
  const report = join(folder, "report.ndjson");
  const options = ["-m", "pytest", "-q", "-c", "trainer/python/pyproject.toml", "test/trainer/python"];
  try {
    let output = "";
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(PYTHON, options, { cwd: ROOT, env: { ...process.env, PYTEST_REPORT: report } });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          output += chunk;
        });
      }
      child.once("error", reject);
      child.once("close", resolve);
    });
    const lines = (await readFile(report, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
    // A test that fails and then cannot be cleaned up after is told twice.
    const tests = new Map<string, PythonTest>();
    for (const line of lines) {
      const told = JSON.parse(line) as PythonTest;
      if (tests.get(told.test)?.outcome !== "failed") tests.set(told.test, told);
    }
    return { tests: [...tests.values()], output, code };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
