import { afterEach, expect, test } from "vitest";
import { Integraviz } from "../../components/index.ts";
import { readConfig } from "../../stacks/config.ts";
import { PROVIDER_CONFIG, run } from "../components/deploy.ts";
import { BUNDLES } from "../components/settings.ts";

const SECRET = "hunter2-must-not-be-shown";

const good = {
  api: { kind: "api-gateway" },
  rpc: { kind: "lambda" },
  storage: { kind: "snowflake" },
  visualizer: {
    kind: "superset",
    superset: { host: "preset", preset: { url: "https://x.app.preset.io", tokenName: "ci", tokenSecret: SECRET } },
  },
};

type Change = Record<string, unknown>;

/** The message of the error that this configuration gives, and how many resources were asked for before it. */
async function refused(change: Change, provider: Record<string, string> = PROVIDER_CONFIG, bundles = BUNDLES) {
  const config: Record<string, string> = { ...provider };
  for (const [key, value] of Object.entries({ ...good, ...change }))
    if (value !== undefined) config[`integraviz:${key}`] = typeof value === "string" ? value : JSON.stringify(value);
  let message = "";
  const made = await run(() => new Integraviz("integraviz", { ...readConfig(), bundles }), { config }).then(
    ({ made }) => made.length,
    (error: Error & { made: unknown[] }) => {
      message = error.message;
      return error.made.length;
    },
  );
  return { message, made };
}

const without = (...keys: string[]) =>
  Object.fromEntries(Object.entries(PROVIDER_CONFIG).filter(([key]) => !keys.includes(key)));
const external = { address: "db.example.com", user: "u", password: SECRET };

const wrong: [what: string, change: Change, says: string[], provider?: Record<string, string>][] = [
  [
    "an unknown kind",
    { storage: { kind: "mongodb" } },
    [
      "integraviz:storage.kind: is not one of the allowed values",
      "allowed: bigquery, postgres, snowflake",
      "fix: pulumi config set --path integraviz:storage.kind bigquery",
    ],
  ],
  [
    "a component left out",
    { storage: undefined },
    [
      "integraviz:storage: is missing",
      "allowed: bigquery, postgres, snowflake",
      "fix: pulumi config set --path integraviz:storage.kind bigquery",
    ],
  ],
  [
    "a kind left out",
    { rpc: { delivery: "direct" } },
    ["integraviz:rpc.kind", "allowed: cloud-functions, docker, lambda"],
  ],
  [
    "a name that looks like a number",
    { storage: { kind: "bigquery", bigquery: { location: 12345 } } },
    [
      "integraviz:storage.bigquery.location: must be a string",
      "pulumi config set --type string --path integraviz:storage.bigquery.location",
    ],
  ],
  [
    "a plain value for an object",
    { api: "cloud-run" },
    ["integraviz:api: is one plain value", "pulumi config set --path integraviz:api.kind <kind>"],
  ],
  [
    "a misspelt setting",
    { storage: { kind: "snowflake", snowflake: { wharehouseSize: "SMALL" } } },
    [
      "integraviz:storage.snowflake.wharehouseSize: is not a setting",
      "allowed: account, warehouseSize",
      "fix: pulumi config rm --path integraviz:storage.snowflake.wharehouseSize",
    ],
  ],
  [
    "a misspelt key",
    { visualiser: { kind: "superset" } },
    ["integraviz:visualiser: is not a setting", "allowed: api, rpc, storage, visualizer"],
  ],
  [
    "a setting beside the kinds",
    { api: { kind: "docker", port: 1 } },
    ["integraviz:api.port: is not a setting", "allowed: kind, api-gateway, cloud-run, docker"],
  ],
  [
    "a text for a number",
    { storage: { kind: "snowflake", snowflake: { autoSuspend: "soon" } } },
    ["integraviz:storage.snowflake.autoSuspend: must be", "number"],
  ],
  [
    "too small a number",
    { storage: { kind: "snowflake", snowflake: { autoSuspend: 5 } } },
    ["integraviz:storage.snowflake.autoSuspend: must be at least 60"],
  ],
  [
    "too large a number",
    { rpc: { kind: "lambda", lambda: { memory: 99999 } } },
    ["integraviz:rpc.lambda.memory: must be at most 10240"],
  ],
  [
    "an unknown runtime",
    { rpc: { kind: "lambda", lambda: { runtime: "nodejs18.x" } } },
    ["integraviz:rpc.lambda.runtime", "allowed: nodejs22.x, nodejs24.x"],
  ],
  [
    "an unknown delivery",
    { rpc: { kind: "lambda", delivery: "later" } },
    ["integraviz:rpc.delivery", "allowed: direct, queued", "pulumi config set --path integraviz:rpc.delivery direct"],
  ],
  [
    "a host left out",
    { storage: { kind: "postgres" } },
    ["integraviz:storage.postgres.host", "allowed: aws, gcp, docker, external"],
  ],
  [
    "an external database without its address",
    { storage: { kind: "postgres", postgres: { host: "external" } } },
    ["integraviz:storage.postgres.external: is required"],
  ],
  [
    "an external database without its password",
    { storage: { kind: "postgres", postgres: { host: "external", external: { ...external, password: undefined } } } },
    [
      "integraviz:storage.postgres.external.password: is missing",
      "fix: pulumi config set --secret --path integraviz:storage.postgres.external.password",
    ],
  ],
  [
    "a password that is no text",
    { storage: { kind: "postgres", postgres: { host: "external", external: { ...external, password: [SECRET] } } } },
    ["integraviz:storage.postgres.external.password: must be a text", "--secret"],
  ],
  [
    "a secret in the wrong place",
    { storage: { kind: SECRET } },
    ["integraviz:storage.kind: is not one of the allowed values"],
  ],
  [
    "a database name that PostgreSQL would not take",
    { storage: { kind: "postgres", postgres: { host: "aws", database: "My DB; drop" } } },
    ["integraviz:storage.postgres.database: must be a-z, 0-9 and _"],
  ],
  [
    "a CIDR that is none",
    { visualizer: { kind: "metabase", metabase: { host: "aws", aws: { allow: ["everyone"] } } } },
    ["integraviz:visualizer.metabase.aws.allow.0: must be a CIDR"],
  ],
  [
    "everyone on Google Cloud",
    { visualizer: { kind: "metabase", metabase: { host: "gcp", gcp: { allow: ["allUsers"] } } } },
    ["integraviz:visualizer.metabase.gcp.allow.0: must be"],
  ],
  [
    "Preset without a workspace",
    { visualizer: { kind: "superset", superset: { host: "preset" } } },
    ["integraviz:visualizer.superset.preset: is required"],
  ],
  [
    "Metabase on Preset",
    { visualizer: { kind: "metabase", metabase: { host: "preset" } } },
    ["integraviz:visualizer.metabase.host", "allowed: aws, gcp, docker, external"],
  ],
  [
    "API Gateway before a local RPC",
    { rpc: { kind: "docker" } },
    [
      "integraviz:api.kind: docker listens in the Docker network of one machine, where api-gateway has no way in",
      "pulumi config set --path integraviz:rpc.kind lambda",
    ],
  ],
  [
    "a private RDS behind Cloud Functions",
    {
      api: { kind: "cloud-run" },
      rpc: { kind: "cloud-functions" },
      storage: { kind: "postgres", postgres: { host: "aws" } },
      visualizer: { kind: "metabase", metabase: { host: "aws" } },
    },
    [
      "integraviz:storage.kind: postgres on aws lies in a private network (VPC) on AWS, out of reach of cloud-functions",
      "fix: pulumi config set --path integraviz:storage.kind bigquery",
      "pulumi config set --path integraviz:rpc.kind lambda",
    ],
  ],
  [
    "a private RDS and Preset",
    { storage: { kind: "postgres", postgres: { host: "aws" } } },
    [
      "integraviz:visualizer.kind: postgres on aws lies in a private network (VPC) on AWS, out of reach of superset on preset",
      "pulumi config set --path integraviz:visualizer.superset.host aws",
    ],
  ],
  [
    "a queue on Docker",
    { api: { kind: "docker" }, rpc: { kind: "docker", delivery: "queued" } },
    ["integraviz:rpc.delivery: docker has no queue", "fix: pulumi config set --path integraviz:rpc.delivery direct"],
  ],
  [
    "the local API before Lambda",
    { api: { kind: "docker" } },
    ["integraviz:api.kind: docker can identify itself by shared-key, and lambda takes only lambda or sigv4"],
  ],
  [
    "a longer time-out than API Gateway's",
    { rpc: { kind: "lambda", lambda: { timeoutSeconds: 300 } } },
    [
      "integraviz:rpc.lambda.timeoutSeconds: is longer than a request can last on its way here (30 s)",
      "fix: pulumi config set --path integraviz:rpc.lambda.timeoutSeconds 29",
    ],
  ],
  [
    "no AWS region",
    {},
    ["aws:region: is missing", "fix: pulumi config set aws:region eu-central-1"],
    without("aws:region"),
  ],
  [
    "no Google project",
    { storage: { kind: "bigquery" } },
    ["gcp:project: is missing", "fix: pulumi config set gcp:project my-project"],
    without("gcp:project"),
  ],
  [
    "no Snowflake account",
    {},
    [
      "snowflake:accountName: and snowflake:organizationName are missing",
      "fix: pulumi config set snowflake:organizationName ORGANIZATION",
    ],
    without("snowflake:accountName"),
  ],
  [
    "an archive of what is in use",
    { archive: { kind: "snowflake" } },
    ["integraviz:archive.kind: is the storage that is in use"],
  ],
  [
    "a Google budget without a billing account",
    { storage: { kind: "bigquery" }, budget: { monthlyUsd: 50, email: "a@example.com" } },
    ["integraviz:budget.billingAccount: is missing"],
  ],
  ["an e-mail that is none", { alerts: { email: "nobody" } }, ["integraviz:alerts.email: must be an email"]],
];

afterEach(() => {
  process.exitCode = 0;
});

test.each(wrong)("%s", async (_, change, says, provider) => {
  const { message, made } = await refused(change, provider);
  for (const part of says) expect(message).toContain(part);
  expect(message).toMatch(/fix: /);
  expect(message).not.toContain(SECRET);
  expect(made).toBe(0);
});

test("there are at least twenty of them", () => {
  expect(wrong.length).toBeGreaterThanOrEqual(20);
});

test("several problems are told at once", async () => {
  const { message } = await refused({ api: { kind: "x" }, storage: { kind: "y" } });
  expect(message).toContain("integraviz:api.kind");
  expect(message).toContain("integraviz:storage.kind");
});

test("a missing bundle names npm run build, and nothing is made before", async () => {
  const { message, made } = await refused({}, PROVIDER_CONFIG, "/nowhere");
  expect(message).toContain("npm run build");
  expect(made).toBe(0);
});

test("settings of kinds that are not chosen may stay: a swap is one line", async () => {
  const { message, made } = await refused({
    storage: {
      kind: "bigquery",
      snowflake: { account: "A-B", autoSuspend: 120 },
      postgres: { host: "external", external },
    },
  });
  expect(message).toBe("");
  expect(made).toBeGreaterThan(0);
});

test("a configuration that is right is not refused", async () => {
  expect(await refused({})).toMatchObject({ message: "" });
});
