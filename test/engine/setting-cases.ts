/** Stacks, and for each setting whose change replaces or restarts something a value to change it to on one of them. */

/** The configuration of a stack: settings by key, as `Pulumi.<stack>.yaml` holds them. */
export type StackConfig = Record<string, unknown>;

export interface SettingCase {
  stack: keyof typeof stacks;
  /** Another value than the stack's. */
  to: unknown;
  /** What has to change with it, by key. */
  with?: StackConfig;
}

const aws = { "aws:region": "eu-central-1" };
const gcp = { "gcp:project": "my-project", "gcp:region": "europe-west3" };
const snowflake = { "snowflake:organizationName": "ACME", "snowflake:accountName": "LAB" };
const EXTERNAL_DASHBOARD = { url: "https://bi.example.com", user: "a@example.com", password: "of-the-dashboard" };
const EXTERNAL_DATABASE = { address: "db.example.com", user: "owner", password: "of-the-database" };
const ADOPTED_VPC = {
  aws: { vpc: { id: "adopted-vpc", privateSubnetIds: ["adopted-subnet-1", "adopted-subnet-2"] } },
};
const ADOPTED_NETWORK = { gcp: { network: { network: "adopted", subnetwork: "adopted-subnet" } } };
const metabase = { kind: "metabase", metabase: { host: "external", external: EXTERNAL_DASHBOARD } };

export const stacks = {
  aws: {
    ...aws,
    "integraviz:api": { kind: "api-gateway" },
    "integraviz:rpc": { kind: "lambda" },
    "integraviz:storage": { kind: "postgres", postgres: { host: "aws", aws: { proxy: true } } },
    "integraviz:visualizer": { kind: "superset", superset: { host: "aws" } },
    "integraviz:hosts": ADOPTED_VPC,
  },
  gcp: {
    ...gcp,
    "integraviz:api": { kind: "cloud-run" },
    "integraviz:rpc": { kind: "cloud-functions" },
    "integraviz:storage": { kind: "postgres", postgres: { host: "gcp" } },
    "integraviz:visualizer": { kind: "metabase", metabase: { host: "gcp" } },
    "integraviz:hosts": ADOPTED_NETWORK,
    "integraviz:budget": { monthlyUsd: 100, email: "ops@example.com", billingAccount: "012345-567890-ABCDEF" },
  },
  "adopted on AWS": {
    ...aws,
    "integraviz:api": { kind: "api-gateway" },
    "integraviz:rpc": { kind: "lambda" },
    "integraviz:storage": {
      kind: "postgres",
      postgres: { host: "aws", aws: { adopt: { ...EXTERNAL_DATABASE, securityGroupId: "adopted-group" } } },
    },
    "integraviz:visualizer": { kind: "metabase", metabase: { host: "aws" } },
    "integraviz:hosts": ADOPTED_VPC,
  },
  "adopted on Google Cloud": {
    ...gcp,
    "integraviz:api": { kind: "cloud-run" },
    "integraviz:rpc": { kind: "cloud-functions" },
    "integraviz:storage": {
      kind: "postgres",
      postgres: { host: "gcp", gcp: { adopt: { ...EXTERNAL_DATABASE, ca: "-----BEGIN CERTIFICATE-----" } } },
    },
    "integraviz:visualizer": { kind: "superset", superset: { host: "gcp" } },
    "integraviz:hosts": ADOPTED_NETWORK,
  },
  "datasets and an archive": {
    ...gcp,
    ...snowflake,
    "integraviz:api": { kind: "cloud-run" },
    "integraviz:rpc": { kind: "cloud-functions" },
    "integraviz:storage": { kind: "bigquery" },
    "integraviz:archive": { kind: "snowflake" },
    "integraviz:visualizer": { kind: "metabase", metabase: { host: "docker" } },
  },
  "adopted datasets": {
    ...gcp,
    "integraviz:api": { kind: "cloud-run" },
    "integraviz:rpc": { kind: "cloud-functions" },
    "integraviz:storage": {
      kind: "bigquery",
      bigquery: { adopt: { dataset: "adopted_events", views: "adopted_views" } },
    },
    "integraviz:visualizer": metabase,
  },
  "a warehouse": {
    ...aws,
    ...snowflake,
    "integraviz:api": { kind: "api-gateway" },
    "integraviz:rpc": { kind: "lambda" },
    "integraviz:storage": { kind: "snowflake" },
    "integraviz:visualizer": metabase,
  },
  "a server elsewhere": {
    ...aws,
    "integraviz:api": { kind: "api-gateway" },
    "integraviz:rpc": { kind: "lambda" },
    "integraviz:storage": { kind: "postgres", postgres: { host: "external", external: EXTERNAL_DATABASE } },
    "integraviz:visualizer": metabase,
  },
  docker: {
    "integraviz:api": { kind: "docker" },
    "integraviz:rpc": { kind: "docker" },
    "integraviz:storage": { kind: "postgres", postgres: { host: "docker", docker: { port: 5433 } } },
    "integraviz:visualizer": { kind: "metabase", metabase: { host: "docker" } },
  },
  "docker with Superset": {
    "integraviz:api": { kind: "docker" },
    "integraviz:rpc": { kind: "docker" },
    "integraviz:storage": { kind: "postgres", postgres: { host: "external", external: EXTERNAL_DATABASE } },
    "integraviz:visualizer": { kind: "superset", superset: { host: "docker" } },
  },
} satisfies Record<string, StackConfig>;

const EXTERNAL_POSTGRES = { host: "external", external: EXTERNAL_DATABASE };

/** By the setting's key, without `integraviz:`. */
export const cases: Record<string, SettingCase> = {
  "api.kind": { stack: "a server elsewhere", to: "cloud-run", with: gcp },
  "api.cloud-run.minInstances": { stack: "gcp", to: 1 },
  "api.cloud-run.maxInstances": { stack: "gcp", to: 11 },
  "api.cloud-run.concurrency": { stack: "gcp", to: 100 },
  "api.cloud-run.timeoutSeconds": { stack: "gcp", to: 200 },
  "api.cloud-run.corsOrigins": { stack: "gcp", to: ["https://notebooks.example.com"] },
  "api.docker.port": { stack: "docker", to: 8788 },
  "api.docker.image": { stack: "docker", to: "node:24-bookworm-slim" },
  "api.docker.corsOrigins": { stack: "docker", to: ["https://notebooks.example.com"] },

  "rpc.kind": { stack: "a server elsewhere", to: "cloud-functions", with: gcp },
  "rpc.cloud-functions.runtime": { stack: "gcp", to: "nodejs24" },
  "rpc.cloud-functions.memory": { stack: "gcp", to: "1Gi" },
  "rpc.cloud-functions.cpu": { stack: "gcp", to: "2" },
  "rpc.cloud-functions.timeoutSeconds": { stack: "gcp", to: 30 },
  "rpc.cloud-functions.minInstances": { stack: "gcp", to: 1 },
  "rpc.cloud-functions.maxInstances": { stack: "gcp", to: 10 },
  "rpc.cloud-functions.concurrency": { stack: "gcp", to: 20 },
  "rpc.docker.image": { stack: "docker", to: "node:24-bookworm-slim" },
  "rpc.lambda.runtime": { stack: "aws", to: "nodejs24.x" },
  "rpc.lambda.memory": { stack: "aws", to: 1024 },
  "rpc.lambda.timeoutSeconds": { stack: "aws", to: 20 },

  "storage.kind": { stack: "a warehouse", to: "bigquery", with: gcp },
  "storage.bigquery.location": { stack: "datasets and an archive", to: "EU" },
  "storage.bigquery.adopt.dataset": { stack: "adopted datasets", to: "adopted_events_2" },
  "storage.bigquery.adopt.views": { stack: "adopted datasets", to: "adopted_views_2" },
  "storage.postgres.host": { stack: "aws", to: "external", with: { "storage.postgres.external": EXTERNAL_DATABASE } },
  "storage.postgres.version": { stack: "aws", to: "16" },
  "storage.postgres.database": { stack: "aws", to: "other" },
  "storage.postgres.rotation": { stack: "a server elsewhere", to: 2 },
  "storage.postgres.aws.instanceClass": { stack: "aws", to: "db.t4g.small" },
  "storage.postgres.aws.adopt.address": { stack: "adopted on AWS", to: "other.example.com" },
  "storage.postgres.aws.adopt.securityGroupId": { stack: "adopted on AWS", to: "adopted-group-2" },
  "storage.postgres.gcp.tier": { stack: "gcp", to: "db-custom-2-7680" },
  "storage.postgres.gcp.highAvailability": { stack: "gcp", to: true },
  "storage.postgres.gcp.adopt.address": { stack: "adopted on Google Cloud", to: "10.0.0.9" },
  "storage.postgres.gcp.adopt.ca": { stack: "adopted on Google Cloud", to: "-----BEGIN CERTIFICATE----- 2" },
  "storage.postgres.docker.port": { stack: "docker", to: 5434 },
  "storage.postgres.external.address": { stack: "a server elsewhere", to: "other.example.com" },
  "storage.postgres.external.port": { stack: "a server elsewhere", to: 5433 },
  "storage.postgres.external.tls": { stack: "a server elsewhere", to: "verify-ca" },
  "storage.postgres.external.ca": { stack: "a server elsewhere", to: "-----BEGIN CERTIFICATE-----" },
  "storage.snowflake.account": { stack: "a warehouse", to: "ACME-OTHER" },
  "storage.snowflake.rotation": { stack: "a warehouse", to: 2 },

  "visualizer.kind": { stack: "docker", to: "superset", with: { "visualizer.superset": { host: "docker" } } },
  "visualizer.metabase.host": {
    stack: "datasets and an archive",
    to: "external",
    with: { "visualizer.metabase.external": EXTERNAL_DASHBOARD },
  },
  "visualizer.metabase.image": { stack: "gcp", to: "metabase/metabase:v0.65.0" },
  "visualizer.metabase.aws.databaseClass": { stack: "adopted on AWS", to: "db.t4g.small" },
  "visualizer.metabase.gcp.databaseTier": { stack: "gcp", to: "db-g1-small" },
  "visualizer.metabase.docker.port": { stack: "docker", to: 3001 },
  "visualizer.superset.host": {
    stack: "docker with Superset",
    to: "external",
    with: { "visualizer.superset.external": EXTERNAL_DASHBOARD },
  },
  "visualizer.superset.image": { stack: "aws", to: "apache/superset:6.1.1" },
  "visualizer.superset.aws.databaseClass": { stack: "aws", to: "db.t4g.small" },
  "visualizer.superset.gcp.databaseTier": { stack: "adopted on Google Cloud", to: "db-g1-small" },
  "visualizer.superset.docker.port": { stack: "docker with Superset", to: 8089 },

  "archive.kind": {
    stack: "datasets and an archive",
    to: "postgres",
    with: { "archive.postgres": EXTERNAL_POSTGRES },
  },
  "hosts.aws.vpc.id": { stack: "aws", to: "adopted-vpc-2" },
  "hosts.aws.vpc.privateSubnetIds": { stack: "aws", to: ["adopted-subnet-3", "adopted-subnet-4"] },
  "hosts.gcp.project": { stack: "adopted datasets", to: "other-project" },
  "hosts.gcp.region": { stack: "adopted datasets", to: "europe-west1" },
  "hosts.gcp.network.network": { stack: "gcp", to: "adopted-2" },
  "hosts.gcp.network.subnetwork": { stack: "gcp", to: "adopted-subnet-2" },
  "hosts.docker.address": { stack: "docker", to: "192.168.1.2" },
  "budget.billingAccount": { stack: "gcp", to: "FEDCBA-098765-543210" },
  rotation: { stack: "gcp", to: 2 },
};

/** A stack's configuration with one of these settings changed, and what changes with it. */
export function changed(setting: string, { stack, to, with: others = {} }: SettingCase): StackConfig {
  const config = structuredClone(stacks[stack]) as StackConfig;
  for (const [key, value] of Object.entries({ [setting]: to, ...others })) set(config, key, value);
  return config;
}

function set(config: StackConfig, key: string, value: unknown): void {
  if (key.includes(":")) {
    config[key] = value;
    return;
  }
  const [first, ...path] = `integraviz:${key}`.split(".") as [string, ...string[]];
  const last = path.pop();
  if (last === undefined) {
    config[first] = value;
    return;
  }
  config[first] ??= {};
  let holder = config[first] as Record<string, unknown>;
  for (const name of path) {
    holder[name] ??= {};
    holder = holder[name] as Record<string, unknown>;
  }
  holder[last] = value;
}
