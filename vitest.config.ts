import { configDefaults, defineConfig } from "vitest/config";
import { othersFiles } from "./test/functions/stores/chosen.ts";

/**
 * Browsers, processes that are killed and the Pulumi engine, side by side on a small shared
 * machine: one second try there, which the report shows, and none where somebody is looking.
 */
const retry = process.env.CI ? 1 : 0;

/** Ends in one line where STORES names a store that there is not. */
function notChosen(): string[] {
  try {
    return othersFiles();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000, interval: 20 } },
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "functions",
          include: ["test/functions/**/*.test.ts", "test/operations/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...notChosen()],
          globalSetup: ["test/embedded-cluster.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          globalSetup: ["test/engine/cli/cli.ts"],
          retry,
        },
      },
      {
        extends: true,
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts", "test/examples.test.ts"],
          globalSetup: ["test/package/tarball.ts"],
          retry,
        },
      },
      {
        extends: true,
        test: {
          name: "rest",
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/functions/**",
            "test/operations/**",
            "test/engine/**",
            "test/package/**",
            "test/examples.test.ts",
          ],
          retry,
        },
      },
    ],
  },
});
