/**
 * `npm test` runs this first: makes the Python environments of the tests, where python3 is at hand. One that is there and
 * has what its file asks for costs nothing. What cannot be made is said; its tests are skipped, counted and named.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Environment {
  folder: string;
  /** The file that says what is in it. */
  requirements: string;
  /** The tests that are skipped without it. */
  tests: string;
}

const ENVIRONMENTS: Environment[] = [
  {
    folder: ".venv-test",
    requirements: "test/requirements.txt",
    tests: "Snowflake, BigQuery, SQL dialects and the paper's client",
  },
  {
    folder: ".venv-python",
    requirements: "trainer/python/requirements-test.txt",
    tests: "the Python client",
  },
];

/** Beside what was installed: the hash of the file that asked for it. */
const STAMP = "requirements.sha256";

/** Makes an environment in `root`, or brings it up to its file. Returns what went wrong, or null. */
export function prepareEnvironment({ folder, requirements, tests }: Environment, root: string): string | null {
  const path = join(root, folder);
  const python = join(path, "bin", "python");
  const stamp = join(path, STAMP);
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, requirements)))
    .digest("hex");
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return null;
  const isNew = !existsSync(python);
  try {
    if (isNew) run("python3", "-m", "venv", path);
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", join(root, requirements));
    writeFileSync(stamp, wanted);
    return null;
  } catch (error) {
    // Half of one would fail tests that can only be skipped.
    if (isNew) rmSync(path, { recursive: true, force: true });
    const what = isNew ? "made; these tests are skipped" : "brought up to date; these tests may fail";
    return `${folder} cannot be ${what}: ${tests}. ${reasonOf(error)}`;
  }
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
}

function reasonOf(error: unknown): string {
  const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
  if (code === "ENOENT") return "There is no python3 on the PATH.";
  return (stderr?.trim().split("\n").at(-1) || message).trim();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  for (const environment of ENVIRONMENTS) {
    const fault = prepareEnvironment(environment, root);
    if (fault !== null) console.error(fault);
  }
}
