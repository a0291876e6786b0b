/** What Superset's container runs before it starts, in an environment that is made as the vendor's image is. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as storages from "../../components/storage/index.ts";
import { driverEnvironment, INSTALL_DRIVERS } from "../../components/visualizer/superset.ts";
import { hasPython, NO_PYTHON, PYTHON } from "../stand-ins/python-server.ts";

const run = promisify(execFile);

describe.skipIf(!hasPython)(`the drivers of Superset${hasPython ? "" : `: ${NO_PYTHON}`}`, () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "superset-drivers-"));
    const venv = join(folder, "venv");
    await run(join(dirname(PYTHON), "uv"), ["venv", "--quiet", "--python", PYTHON, venv]);
    env = { ...process.env, VIRTUAL_ENV: venv, PATH: [join(venv, "bin"), dirname(PYTHON), process.env.PATH].join(":") };
    // As Superset itself is installed there: from a folder.
    const app = join(folder, "app");
    await mkdir(app);
    const project = '[project]\nname = "apache-superset"\nversion = "6.1.0"\n[tool.setuptools]\npy-modules = []\n';
    await writeFile(join(app, "pyproject.toml"), project);
    await run("uv", ["pip", "install", "--quiet", "-e", app, "packaging==26.0"], { env });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The lines of the container, with its own folder in the place of /tmp. */
  async function install(drivers: Record<string, string>, target: string): Promise<string[]> {
    const script = `set -e\n${INSTALL_DRIVERS.replaceAll("/tmp/", `${folder}/${target}/`)}`;
    await mkdir(join(folder, target));
    await run("/bin/sh", ["-c", script], { env: { ...env, ...drivers } });
    return (await readdir(join(folder, target))).sort();
  }

  test("are installed beside a Superset that is installed from a folder", { timeout: 60_000 }, async () => {
    expect(await install(driverEnvironment(storages.postgres.sqlAlchemy), "vendor")).toEqual([
      "drivers",
      "versions.txt",
    ]);
    expect(await readdir(join(folder, "vendor/drivers"))).toContain("psycopg2");
  });

  test("are not looked for where an image of one's own has them", async () => {
    const own = {
      ...driverEnvironment(storages.postgres.sqlAlchemy),
      INTEGRAVIZ_DRIVER_MODULES: "json",
      INTEGRAVIZ_DRIVERS: "no-such-package==0",
    };
    expect(await install(own, "own")).toEqual([]);
  });
});

test("of a storage are PostgreSQL's, for the metadata, and its own", () => {
  expect(driverEnvironment(storages.postgres.sqlAlchemy).INTEGRAVIZ_DRIVER_MODULES).toBe("psycopg2");
  expect(driverEnvironment(storages.snowflake.sqlAlchemy).INTEGRAVIZ_DRIVER_MODULES).toBe(
    "psycopg2, snowflake.sqlalchemy",
  );
  expect(driverEnvironment(storages.bigquery.sqlAlchemy).INTEGRAVIZ_DRIVERS).toContain("sqlalchemy-bigquery==");
});
