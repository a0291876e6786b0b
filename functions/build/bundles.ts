/** The bundles of `npm run build`, as data. Their names are those of `contract/bundles.ts`. */

/**
 * A new store is a line here: the files that export `store` and `migration`
 * (`functions/stores/deployed.ts`).
 */
const STORES: Record<string, { store: string; migration: string }> = {
  postgres: { store: "../stores/postgres/deployed.ts", migration: "../stores/postgres/migration.ts" },
  snowflake: { store: "../stores/snowflake/deployed.ts", migration: "../stores/snowflake/migration.ts" },
  bigquery: { store: "../stores/bigquery/deployed.ts", migration: "../stores/bigquery/migration.ts" },
};

/** The first part of a bundle's name: what runs it, and what that is given. */
const PLATFORMS: Record<string, { file: string; start: string; takes: "store" | "migration"; exports: boolean }> = {
  lambda: { file: "../adapters/aws/lambda-entry.ts", start: "lambda", takes: "store", exports: true },
  "worker-lambda": { file: "../adapters/aws/worker-entry.ts", start: "workerLambda", takes: "store", exports: true },
  "migrate-lambda": {
    file: "../adapters/aws/migrate-entry.ts",
    start: "migrateLambda",
    takes: "migration",
    exports: true,
  },
  "cloud-functions": {
    file: "../adapters/gcp/cloud-functions-entry.ts",
    start: "cloudFunctions",
    takes: "store",
    exports: true,
  },
  "worker-cloud-functions": {
    file: "../adapters/gcp/worker-entry.ts",
    start: "workerCloudFunctions",
    takes: "store",
    exports: true,
  },
  docker: { file: "../adapters/node/server-entry.ts", start: "docker", takes: "store", exports: false },
  "migrate-node": {
    file: "../adapters/node/migrate-entry.ts",
    start: "migrateNode",
    takes: "migration",
    exports: false,
  },
};

/** Name -> the source of its entry, with paths from `functions/`. */
export const entries: Record<string, string> = {
  ...Object.fromEntries(
    Object.entries(PLATFORMS).flatMap(([platform, { file, start, takes, exports }]) =>
      Object.entries(STORES).map(([kind, store]) => [
        `${platform}-${kind}`,
        `import { ${start} } from "${file}";
         import { ${takes} } from "${store[takes]}";
         ${exports ? `export const { handler } = ${start}(${takes});` : `${start}(${takes});`}`,
      ]),
    ),
  ),
  "dashboards-lambda": 'export { handler } from "../../dashboards/apply-lambda.ts";',
  "dashboards-node": 'import "../../dashboards/apply-node.ts";',
  gateway: 'import { gateway } from "../adapters/node/gateway-entry.ts"; gateway();',
};
