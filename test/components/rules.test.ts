/** The rules themselves: each one sees what it is there for. */
import { expect, test } from "vitest";
import { PLAIN_SECRETS } from "./cloud-values.ts";
import { type Made, Secret } from "./deploy.ts";
import { requiredInputs } from "./required.ts";
import { broken, rules } from "./rules.ts";

const made = (type: string, name: string, inputs: Record<string, unknown>): Made => ({ type, name, inputs });
const policy = (statement: object) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
const rolePolicy = (statement: object) => made("aws:iam/rolePolicy:RolePolicy", "p", { policy: policy(statement) });
const open = (name: string) => made("gcp:cloudrunv2/serviceIamMember:ServiceIamMember", name, { member: "allUsers" });

const seen: [rule: keyof typeof rules, of: Made, says: string][] = [
  ["plainSecrets", made("t", "n", { a: [{ b: `x${PLAIN_SECRETS.random}y` }] }), "shows a secret"],
  ["wildcards", rolePolicy({ Action: "s3:*", Resource: "arn:x" }), "allows s3:*"],
  ["wildcards", rolePolicy({ Action: ["sqs:SendMessage"], Resource: ["*"] }), "on everything"],
  ["wildcards", rolePolicy({ Action: "sts:AssumeRole", Principal: { AWS: "*" } }), "trusts everyone"],
  ["wildcards", open("visualizer-superset-people"), "open to allUsers"],
  ["wildcards", made("gcp:projects/iAMMember:IAMMember", "n", { role: "roles/editor" }), "grants roles/editor"],
  ["wildcards", made("gcp:projects/iAMMember:IAMMember", "n", { role: "roles/run.admin" }), "grants roles/run.admin"],
  [
    "wildcards",
    made("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "n", {
      policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
    }),
    "attaches",
  ],
  ["wildcards", made("aws:lambda/functionUrl:FunctionUrl", "n", { authorizationType: "NONE" }), "open to everyone"],
  ["badNames", made("aws:s3/bucket:Bucket", "n", {}), "has no rule"],
  ["badNames", made("aws:lambda/function:Function", "n", { name: "x".repeat(65) }), "more than 64"],
  ["badNames", made("gcp:cloudrunv2/service:Service", "n", { name: "Under_score" }), "is not dns"],
  ["badNames", made("aws:sqs/queue:Queue", "n", {}), "has no name"],
  ["missingTags", made("aws:sqs/queue:Queue", "n", { tags: { owner: "me" } }), "has no tags"],
  ["missingTags", made("docker:index/volume:Volume", "n", {}), "has no labels"],
  ["holes", made("t", "n", { url: "https://undefined/" }), "https://undefined/"],
  [
    "carelessStores",
    made("aws:rds/instance:Instance", "storage-postgres-database", { storageEncrypted: false }),
    "storageEncrypted",
  ],
  ["carelessStores", made("gcp:cloudrunv2/service:Service", "n", { deletionProtection: true }), "deletionProtection"],
  [
    "carelessStores",
    made("docker:index/container:Container", "n", { ports: [{ ip: "0.0.0.0" }] }),
    "beyond this machine",
  ],
  [
    "missingInputs",
    made("aws:lambda/permission:Permission", "n", { action: "a", function: "f", principal: "" }),
    "principal is required",
  ],
];

const badRule = (description: string) =>
  made("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "n", { description });
const refused: [of: Made, says: string][] = [
  [badRule("CloudFront's tasks"), "the description"],
  [badRule("x".repeat(256)), "the description"],
  [
    made("random:index/randomPassword:RandomPassword", "visualizer-metabase-admin-password", {
      length: 24,
      minLower: 2,
      minUpper: 2,
      minNumeric: 2,
    }),
    "minSpecial",
  ],
  [open("api-cloud-run-public"), "allUsers"],
  [made("gcp:billing/budget:Budget", "n", { amount: { specifiedAmount: { currencyCode: "USD" } } }), "currencyCode"],
  [made("gcp:storage/bucketObject:BucketObject", "api-cloud-run-code", { name: "gateway/1.zip" }), "gzipped tar"],
  [
    made("gcp:cloudrunv2/job:Job", "n", { template: { template: { maxRetries: 0 } } }),
    "takes minutes to spread".slice(6),
  ],
];

test.each(refused)("what a cloud refuses is told: %o", (of, says) => {
  expect(rules.refusedByCloud(of).join("\n")).toContain(says);
});

test.each(seen)("%s", (rule, of, says) => {
  expect(rules[rule](of).join("\n")).toContain(says);
});

test("a grant that is there already is told, whatever it is called", () => {
  const access = (name: string, role: string) =>
    made("gcp:bigquery/datasetAccess:DatasetAccess", name, { datasetId: "views", role, userByEmail: "a@b" });
  expect(broken([access("one", "READER"), access("other", "WRITER")])).toEqual([]);
  expect(broken([access("one", "READER"), access("other", "READER")])).toEqual(["other grants what one does"]);
});

test("a secret that is wrapped is no plain one", () => {
  expect(rules.plainSecrets(made("t", "n", { a: new Secret(PLAIN_SECRETS.random) }))).toEqual([]);
});

test("required inputs are read from the SDK", () => {
  expect(requiredInputs("aws:lambda/permission:Permission").sort()).toEqual(["action", "function", "principal"]);
  expect(requiredInputs("snowflake:index/schema:Schema")).toEqual(["database"]);
});
