/** The bundles of `npm run build`, as data. Their names are those of `contract/bundles.ts`. */
import { storeKinds } from "../../contract/login.ts";

/** The first part of a bundle's name: what runs it, and what that is given. */
const PLATFORMS: Record<string, { file: string; start: string; takes: keyof typeof EXPORTED_BY; exports: boolean }> = {
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

/** The file of a store's folder that exports it. */
const EXPORTED_BY = { store: "deployed.ts", migration: "migration.ts" } as const;

/** Name -> the source of its entry, with paths from `functions/`. */
export const entries: Record<string, string> = {
  ...Object.fromEntries(
    Object.entries(PLATFORMS).flatMap(([platform, { file, start, takes, exports }]) =>
      storeKinds.map((kind) => [
        `${platform}-${kind}`,
        `import { ${start} } from "${file}";
         import { ${takes} } from "../stores/${kind}/${EXPORTED_BY[takes]}";
         ${exports ? `export const { handler } = ${start}(${takes});` : `${start}(${takes});`}`,
      ]),
    ),
  ),
  "dashboards-lambda": 'export { handler } from "../../dashboards/apply-lambda.ts";',
  "dashboards-node": 'import "../../dashboards/apply-node.ts";',
  gateway: 'import { gateway } from "../adapters/node/gateway-entry.ts"; gateway();',
};
