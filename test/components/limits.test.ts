/** What the clouds take and do not take, beyond the names and grants of rules.ts. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { IntegravizArgs } from "../../components/index.ts";
import { aws, gcp, named, ofType, paper, sound, variablesOf } from "./bases.ts";
import { deploy } from "./deploy.ts";
import { BUNDLES } from "./settings.ts";

test("functions are built as an account of their own, which reads what Google copied and no other bucket", async () => {
  const made = await sound(gcp);
  const builder = `${named(made, "rpc-cloud-functions-builder").inputs.accountId}@my-project.iam.gserviceaccount.com`;
  for (const { inputs } of ofType(made, "gcp:cloudfunctionsv2/function:Function"))
    expect(inputs.buildConfig).toMatchObject({ serviceAccount: `projects/my-project/serviceAccounts/${builder}` });
  const reads = made.filter(
    ({ inputs }) => inputs.role === "roles/storage.objectViewer" && inputs.member === `serviceAccount:${builder}`,
  );
  expect(reads.map(({ inputs }) => inputs.condition)).toEqual([
    expect.objectContaining({ expression: 'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-")' }),
  ]);
});

test("API Gateway and Pub/Sub ask a function at the address that has no path of its own", async () => {
  const made = await sound({ ...gcp, api: { kind: "api-gateway" } });
  const { integrationUri } = named(made, "api-api-gateway-integration-shared-key").inputs;
  expect(new URL(String(integrationUri)).pathname).toBe("/");
  const { pushEndpoint } = named(made, "rpc-cloud-functions-push").inputs.pushConfig as { pushEndpoint: string };
  expect(new URL(pushEndpoint).pathname).toBe("/");
});

test("what Google's APIs are needed for waits until they are on", async () => {
  const { made, needs } = await deploy(gcp);
  for (const { name } of ofType(made, "gcp:projects/iAMMember:IAMMember"))
    expect(needs.get(name), name).toContain("gcp-enabled-cloudresourcemanager");
});

test("what hosts say of project and region holds for every resource", async () => {
  const made = await sound({ ...gcp, hosts: { gcp: { project: "other-project", region: "us-east1" } } });
  /** Within another resource, which they name whole. */
  const within = /:(BucketObject|BucketIAMMember|SecretVersion|Connection|Key|serviceaccount\/iAMMember:IAMMember)$/;
  for (const { name, inputs } of made.filter((one) => one.type.startsWith("gcp:") && !within.test(one.type)))
    expect(inputs.project, name).toBe("other-project");
  expect(JSON.stringify(made.map(({ inputs }) => inputs))).not.toContain("europe-west3");
  await expect(deploy({ ...aws, hosts: { aws: { region: "us-east-1" } } })).rejects.toThrow(
    "fix: pulumi config rm --path integraviz:hosts.aws.region",
  );
});

test("subnets lie in zones of the region, and not in the Local Zones that an account opted in to", async () => {
  const made = await sound(aws);
  const zones = ofType(made, "aws:ec2/subnet:Subnet").map(({ inputs }) => inputs.availabilityZone);
  expect(zones.length).toBeGreaterThan(1);
  expect(zones).not.toContain("eu-central-1-ham-1a");
});

test("a queue's worker leaves half of what a new account may run at once", async () => {
  const { scalingConfig } = named(await sound(aws), "rpc-lambda-worker-source").inputs;
  expect(scalingConfig).toEqual({ maximumConcurrency: 5 });
});

test("Pub/Sub may sign as the account that pushes", async () => {
  const made = await sound({ ...gcp, rpc: { kind: "cloud-functions", delivery: "queued" } });
  expect(named(made, "rpc-cloud-functions-push-signer").inputs).toMatchObject({
    role: "roles/iam.serviceAccountTokenCreator",
    serviceAccountId: expect.stringContaining("/serviceAccounts/"),
  });
});

test("Cloud SQL keeps no more days of logs than backups", async () => {
  const storage = { kind: "postgres", postgres: { host: "gcp", gcp: { backupDays: 3 } } } as const;
  const { settings } = named(await sound({ ...gcp, storage }), "storage-postgres-database-server").inputs;
  expect(settings).toMatchObject({
    backupConfiguration: { transactionLogRetentionDays: 3, backupRetentionSettings: { retainedBackups: 3 } },
  });
});

test.each<[string, Partial<IntegravizArgs>, string]>([
  [
    "a disk that could hardly grow",
    { storage: { kind: "postgres", postgres: { host: "aws", aws: { storageGb: 200, maxStorageGb: 201 } } } },
    "storage.postgres.aws.maxStorageGb: must be at least a tenth more than storageGb",
  ],
  [
    "storage that has outgrown its limit",
    { storage: { kind: "postgres", postgres: { host: "aws", aws: { storageGb: 500 } } } },
    "storage.postgres.aws.maxStorageGb: must be at least a tenth more than storageGb",
  ],
  [
    "more instances at least than at most",
    { api: { kind: "cloud-run", "cloud-run": { minInstances: 11 } } },
    "api.cloud-run.minInstances: must be at most maxInstances",
  ],
  [
    "four CPUs with little memory",
    { rpc: { kind: "cloud-functions", "cloud-functions": { cpu: "4" } } },
    "rpc.cloud-functions.memory: must be from 2048Mi to 16384Mi with cpu 4",
  ],
  [
    "a network that is none",
    { visualizer: { kind: "metabase", metabase: { host: "aws", aws: { allow: ["999.0.0.0/99"] } } } },
    "visualizer.metabase.aws.allow.0: must be a CIDR",
  ],
  [
    "everyone, to a firewall that has no word for it",
    { visualizer: { kind: "metabase", metabase: { host: "aws", aws: { allow: ["0.0.0.0/0"] } } } },
    "visualizer.metabase.aws.allow.0: must not be /0",
  ],
  [
    "a function that works longer than its gateway waits",
    { api: { kind: "cloud-run" }, rpc: { kind: "lambda", lambda: { timeoutSeconds: 600 } } },
    "rpc.lambda.timeoutSeconds: is longer than a request can last on its way here (300 s)",
  ],
])("%s is refused", async (_what, change, says) => {
  await expect(deploy({ ...aws, storage: { kind: "bigquery" }, ...change })).rejects.toThrow(`integraviz:${says}`);
});

test("stacks on one server that was there already have users of their own", async () => {
  const external = { address: "db.example.com", user: "owner", password: "EXTERNAL-DATABASE-PASSWORD" };
  const rolesOf = async (prefix: string) => {
    const storage = { kind: "postgres", postgres: { host: "external", external } } as const;
    const made = await sound({ ...aws, prefix, storage });
    const { INTEGRAVIZ_ROLES } = variablesOf(named(made, "storage-postgres-once-function-migrate"));
    return Object.values(JSON.parse(INTEGRAVIZ_ROLES ?? "") as Record<string, string[]>).flat();
  };
  const users = [...(await rolesOf("integraviz-one")), ...(await rolesOf("integraviz-other"))];
  expect(new Set(users).size).toBe(4);
});

test("the bundle that migrates an archive is asked for before anything is made", async () => {
  const bundles = mkdtempSync(join(tmpdir(), "bundles-"));
  cpSync(BUNDLES, bundles, { recursive: true });
  rmSync(join(bundles, "migrate-lambda-snowflake"), { recursive: true });
  const args = { ...paper, storage: { kind: "postgres", postgres: { host: "aws" } }, bundles } as const;
  await sound(args);
  await expect(deploy({ ...args, archive: { kind: "snowflake" } })).rejects.toMatchObject({ made: [] });
  rmSync(bundles, { recursive: true });
});

test("a network stays with the database that is kept in it", async () => {
  const inAws = ["aws-vpc", "aws-subnet-private-a", "aws-subnet-private-b", "storage-postgres-database"];
  const onAws = await deploy(aws);
  for (const name of inAws) expect(onAws.kept).toContain(name);
  expect([...(await deploy(paper)).kept].filter((name) => name.startsWith("aws-"))).toEqual([]);
  const onGcp = await deploy(gcp);
  for (const name of ["gcp-network", "gcp-subnetwork", "gcp-peering", "storage-postgres-database-server"])
    expect(onGcp.kept).toContain(name);
  expect(named(onGcp.made, "gcp-peering").inputs.deletionPolicy).toBe("ABANDON");
});

test("a task in a VPC has its address there before it is made", async () => {
  const { needs } = await deploy(aws);
  expect(needs.get("storage-postgres-once-function-migrate")).toContain("storage-postgres-vpc-access-migrate");
});

test("Google takes Lambda's role for a subject, whose name is short enough however long the stack's is", async () => {
  const made = await sound({ ...aws, prefix: "a".repeat(80), storage: { kind: "bigquery" } });
  const { attributeMapping } = named(made, "storage-bigquery-pool-provider").inputs as {
    attributeMapping: Record<string, string>;
  };
  const [role, fn] = ["rpc-lambda-role", "rpc-lambda-function"].map((name) => named(made, name).inputs.name);
  const arn = `arn:aws:sts::123456789012:assumed-role/${role}/${fn}`;
  expect(subjectOf(attributeMapping["google.subject"] as string, arn)).toBe(role);
  expect(String(role).length).toBeLessThanOrEqual(127);
});

/** `assertion.arn`, or what Google's `extract` takes of it. */
function subjectOf(mapping: string, arn: string): string | undefined {
  const [, before = "", after = ""] = /^assertion\.arn(?:\.extract\('(.*)\{\w+\}(.*)'\))?$/.exec(mapping) ?? [];
  return before === "" ? arn : arn.split(before)[1]?.split(after)[0];
}

test.each(["My_ml.team-prod", "2nd--try_", "a".repeat(80)])(
  "names keep their rules with the prefix %s",
  async (prefix) => {
    await sound({ ...aws, prefix });
    await sound({ ...gcp, prefix });
  },
);

test("a queue goes on trying through hours in which the database is away", async () => {
  const push = named(await sound(gcp), "rpc-cloud-functions-push").inputs as {
    deadLetterPolicy: { maxDeliveryAttempts: number };
    retryPolicy: { minimumBackoff: string; maximumBackoff: string };
  };
  const { maxDeliveryAttempts } = push.deadLetterPolicy;
  const [least, most] = [push.retryPolicy.minimumBackoff, push.retryPolicy.maximumBackoff].map(Number.parseFloat);
  const waits = Array.from({ length: maxDeliveryAttempts - 1 }, (_, n) => Math.min((least ?? 0) * 2 ** n, most ?? 0));
  const queue = named(await sound(aws), "rpc-lambda-queue").inputs;
  const { maxReceiveCount } = JSON.parse(String(queue.redrivePolicy)) as { maxReceiveCount: number };
  const hours = {
    pubsub: waits.reduce((sum, seconds) => sum + seconds, 0) / 3600,
    sqs: (maxReceiveCount * Number(queue.visibilityTimeoutSeconds)) / 3600,
  };
  expect(hours.pubsub).toBeGreaterThan(8);
  expect(hours.sqs).toBeGreaterThan(8);
});
