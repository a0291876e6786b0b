/** The functions' bundles: what `npm run build` writes and the components deploy. */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { asset } from "@pulumi/pulumi";
import { mistake } from "./checking/mistake.ts";

export type StoreKind = "snowflake" | "bigquery" | "postgres";

/** Names of the bundles, by the platform that runs them. Each is `<dir>/<name>/index.mjs`, one file without node_modules. */
export const bundleNames = {
  /** Lambda: exports `handler` (HTTP: API Gateway v1, v2, function URL). */
  lambda: (store: StoreKind) => `lambda-${store}`,
  /** Lambda: exports `handler` for SQS batches, answering the failed items. */
  lambdaWorker: (store: StoreKind) => `worker-lambda-${store}`,
  /** Lambda: exports `handler`, called once per content hash with the owner's login; returns no secret. */
  lambdaMigrate: (store: StoreKind) => `migrate-lambda-${store}`,
  /** Cloud Functions: exports `handler` (HTTP). */
  cloudFunctions: (store: StoreKind) => `cloud-functions-${store}`,
  /** Cloud Functions: exports `handler` for Pub/Sub push envelopes. */
  cloudFunctionsWorker: (store: StoreKind) => `worker-cloud-functions-${store}`,
  /** Plain Node: a server on $PORT. */
  node: (store: StoreKind) => `docker-${store}`,
  /** Plain Node: migrates and exits, 0 when the schema is current. */
  nodeMigrate: (store: StoreKind) => `migrate-node-${store}`,
  /** Lambda: exports `handler`, which applies dashboards to a visualizer once per content; returns no secret. */
  lambdaDashboards: () => "dashboards-lambda",
  /** Plain Node: does the same and exits. */
  nodeDashboards: () => "dashboards-node",
  /** Plain Node: the API in front of an RPC, a server on $PORT. */
  gateway: () => "gateway",
};

export interface Bundle {
  name: string;
  /** Absolute path of index.mjs. */
  path: string;
  /** First 16 hex digits of the content's SHA-256: what "once per content" hangs on. */
  hash: string;
}

export function bundle(dir: string, name: string): Bundle {
  const path = resolve(dir, name, "index.mjs");
  if (!existsSync(path))
    throw mistake(
      `The bundle ${name} is missing (${join(dir, name, "index.mjs")}).\n  fix: npm run build, then run this again`,
    );
  const hash = createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16);
  return { name, path, hash };
}

/** The bundle as a zip with the package.json that makes Node read it as a module and Cloud Functions find it. */
export function archive(of: Bundle): asset.AssetArchive {
  return new asset.AssetArchive({
    "index.mjs": new asset.FileAsset(of.path),
    "package.json": new asset.StringAsset('{"name":"integraviz-function","type":"module","main":"index.mjs"}'),
  });
}
