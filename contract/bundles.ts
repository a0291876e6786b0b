import type { StoreKind } from "./login.ts";

/**
 * Names of the bundles, by the platform that runs them. Each is `<folder>/<name>/index.mjs`, one
 * file without node_modules.
 */
export const bundleNames = {
  /** Lambda: exports `handler` (HTTP: API Gateway v1, v2, function URL). */
  lambda: (store: StoreKind) => `lambda-${store}`,
  /** Lambda: exports `handler` for SQS batches, answering the failed items. */
  lambdaWorker: (store: StoreKind) => `worker-lambda-${store}`,
  /**
   * Lambda: exports `handler`, called once per content hash with the owner's login; returns no
   * secret.
   */
  lambdaMigrate: (store: StoreKind) => `migrate-lambda-${store}`,
  /** Cloud Functions: exports `handler` (HTTP). */
  cloudFunctions: (store: StoreKind) => `cloud-functions-${store}`,
  /** Cloud Functions: exports `handler` for Pub/Sub push envelopes. */
  cloudFunctionsWorker: (store: StoreKind) => `worker-cloud-functions-${store}`,
  /** Plain Node: a server on $PORT. */
  node: (store: StoreKind) => `docker-${store}`,
  /** Plain Node: migrates and exits, 0 when the schema is current. */
  nodeMigrate: (store: StoreKind) => `migrate-node-${store}`,
  /**
   * Lambda: exports `handler`, which applies dashboards to a visualizer once per content; returns
   * no secret.
   */
  lambdaDashboards: () => "dashboards-lambda",
  /** Plain Node: does the same and exits. */
  nodeDashboards: () => "dashboards-node",
  /** Plain Node: the API in front of an RPC, a server on $PORT. */
  gateway: () => "gateway",
} as const;

/** What a bundle's folder holds beside index.mjs where Cloud Run deploys it. */
export const SOURCE_ARCHIVE = "source.tar.gz";

/**
 * The package.json that makes Node read a bundle as a module and Cloud Functions find it.
 */
export const sourceManifest = '{"name":"integraviz-function","type":"module","main":"index.mjs"}';
