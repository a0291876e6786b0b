import { defineConfig } from "vitest/config";

/**
 * Browsers, processes that are killed and the Pulumi engine, side by side on a small shared
 * machine: one second try there, which the report shows, and none where somebody is looking.
 */
const retry = process.env.CI ? 1 : 0;

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
          include: ["test/package/**/*.test.ts"],
          globalSetup: ["test/package/tarball.ts"],
          retry,
        },
      },
      {
        extends: true,
        test: {
          name: "rest",
          include: ["test/**/*.test.ts"],
          exclude: ["test/functions/**", "test/operations/**", "test/engine/**", "test/package/**"],
          retry,
        },
      },
    ],
  },
});
