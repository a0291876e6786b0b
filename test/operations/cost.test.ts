import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { nameRules } from "../../components/making/name-rules.ts";
import { madeBy } from "../../operations/cost/made.ts";
import { PRICES_DATE, priced, prices } from "../../operations/cost/prices.ts";
import { quotasOf } from "../../operations/cost/quotas.ts";
import { atRest, RATES } from "../../operations/cost/rates.ts";
import { costOfMade, costText } from "../../operations/cost/report.ts";
import { readStack } from "../../operations/cost/stack.ts";
import { CLOUD_COMBINATIONS, costTable } from "../../operations/cost/table.ts";
import { awakeShare, costOf, lambdaUse } from "../../operations/cost/usage.ts";
import { command } from "../commands/command-line.ts";
import { PROVIDER_CONFIG } from "../components/deploy.ts";
import { BUNDLES } from "../components/settings.ts";

/** Resource types of AWS and Google that are on no bill by themselves: what goes through them is (usage.ts). */
const FREE = new Set<string>([
  ...[
    "aws:apigatewayv2/api:Api",
    "aws:apigatewayv2/integration:Integration",
    "aws:apigatewayv2/route:Route",
    "aws:apigatewayv2/stage:Stage",
  ],
  ...["aws:budgets/budget:Budget"],
  ...["aws:cloudfront/distribution:Distribution", "aws:cloudfront/vpcOrigin:VpcOrigin"],
  ...["aws:cloudwatch/logGroup:LogGroup"],
  ...[
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
  ],
  ...["aws:ecs/service:Service"],
  ...["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
  ...[
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "aws:lambda/function:Function",
    "aws:lambda/functionUrl:FunctionUrl",
    "aws:lambda/invocation:Invocation",
    "aws:lambda/permission:Permission",
  ],
  ...["aws:lb/listener:Listener", "aws:lb/targetGroup:TargetGroup"],
  ...[
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    "aws:rds/proxyTarget:ProxyTarget",
    "aws:rds/subnetGroup:SubnetGroup",
  ],
  ...["aws:secretsmanager/secretVersion:SecretVersion"],
  ...["aws:sns/topic:Topic", "aws:sns/topicSubscription:TopicSubscription"],
  ...["aws:sqs/queue:Queue"],
  ...[
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  ],
  ...["aws:wafv2/ipSet:IpSet"],
  ...["gcp:bigquery/dataset:Dataset", "gcp:bigquery/datasetAccess:DatasetAccess"],
  ...["gcp:billing/budget:Budget"],
  ...["gcp:cloudrunv2/job:Job", "gcp:cloudrunv2/serviceIamMember:ServiceIamMember"],
  ...["gcp:compute/globalAddress:GlobalAddress", "gcp:compute/network:Network", "gcp:compute/subnetwork:Subnetwork"],
  ...[
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool",
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider",
  ],
  ...["gcp:iap/webCloudRunServiceIamMember:WebCloudRunServiceIamMember"],
  ...["gcp:monitoring/alertPolicy:AlertPolicy", "gcp:monitoring/notificationChannel:NotificationChannel"],
  ...[
    "gcp:projects/iAMCustomRole:IAMCustomRole",
    "gcp:projects/iAMMember:IAMMember",
    "gcp:projects/service:Service",
    "gcp:projects/serviceIdentity:ServiceIdentity",
  ],
  ...[
    "gcp:pubsub/subscription:Subscription",
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember",
    "gcp:pubsub/topic:Topic",
    "gcp:pubsub/topicIAMMember:TopicIAMMember",
  ],
  ...["gcp:secretmanager/secret:Secret", "gcp:secretmanager/secretIamMember:SecretIamMember"],
  ...["gcp:serviceaccount/account:Account", "gcp:serviceaccount/iAMMember:IAMMember", "gcp:serviceaccount/key:Key"],
  ...["gcp:servicenetworking/connection:Connection"],
  ...["gcp:sql/database:Database", "gcp:sql/user:User"],
  ...[
    "gcp:storage/bucket:Bucket",
    "gcp:storage/bucketIAMMember:BucketIAMMember",
    "gcp:storage/bucketObject:BucketObject",
  ],
]);

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const stack = async (name: string) => {
  const { settings, config } = readStack(name);
  return costOfMade(await madeBy({ ...settings, bundles: BUNDLES }, config));
};

test("docs/deploy.md prints what the 24 combinations cost", async () => {
  const text = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
  const printed = /<!-- costs -->\n(.*?)<!-- \/costs -->/s.exec(text)?.[1];
  expect(CLOUD_COMBINATIONS).toHaveLength(24);
  expect(printed).toBe(await costTable(PROVIDER_CONFIG, BUNDLES));
});

test.each(["aws", "gcp", "mixed", "paper"])("the head of %s says what the table comes to", async (name) => {
  const text = readFileSync(new URL(`../../stacks/Pulumi.${name}.yaml`, import.meta.url), "utf8");
  const [, low = "", high = low] = /(\d+)(?: to (\d+))? USD/.exec(text) ?? [];
  const { atRest } = await stack(name);
  expect(atRest).toBeGreaterThan(0.9 * Number(low));
  expect(atRest).toBeLessThan(1.1 * Number(high));
});

test("what is made on this machine costs nothing", async () => {
  expect(await stack("local")).toMatchObject({ atRest: 0, millionEvents: 0, trainingHour: 0 });
});

test("every resource type that components make is priced or known to be free", () => {
  // A type without a name rule is refused in every combination (test/components/rules.ts).
  const types = Object.keys(nameRules).filter((type) => /^(aws|gcp):/.test(type));
  expect(types.filter((type) => !(type in RATES) && !FREE.has(type))).toEqual([]);
  expect([...FREE].filter((type) => type in RATES || !types.includes(type))).toEqual([]);
  expect(Object.keys(RATES).filter((type) => !types.includes(type))).toEqual([]);
});

test("Lambda's own example: 3 million requests of 1 s at 512 MB come to 18.74 USD beyond the free tier", () => {
  // https://aws.amazon.com/lambda/pricing, example 1, which rounds a GB-second to 0.00001667.
  const free = priced("lambda request", 1) + priced("lambda GB-second", 400_000);
  expect(costOf(lambdaUse(3e6, 1, 512)) - free).toBeCloseTo(18.74, 1);
});

test("a warehouse that sleeps a minute after an insert of 2 s is awake 1.00, 0.26 and 0.21 of the time", () => {
  const shares = [60, 240, 300].map((every) => awakeShare(every, 2, 60));
  expect(shares.map((share) => share.toFixed(2))).toEqual(["1.00", "0.26", "0.21"]);
});

test("what has no price in the table is said, not left out", () => {
  const made = [
    {
      type: "aws:rds/instance:Instance",
      name: "storage-postgres-database",
      inputs: { instanceClass: "db.x9.huge", allocatedStorage: 20 },
    },
  ];
  expect(atRest(made)[0]).toMatchObject({ what: "RDS db.x9.huge", usd: null });
  expect(costText(costOfMade(made))).toContain("?  RDS db.x9.huge");
});

test("a larger disk and a second zone are on the bill", () => {
  const made = (allocatedStorage: number, multiAz: boolean) => [
    {
      type: "aws:rds/instance:Instance",
      name: "storage-postgres-database",
      inputs: { instanceClass: "db.t4g.micro", allocatedStorage, multiAz },
    },
  ];
  const sum = (of: Parameters<typeof atRest>[0]) => atRest(of).reduce((all, { usd }) => all + (usd ?? 0), 0);
  expect(sum(made(120, false)) - sum(made(20, false))).toBeCloseTo(priced("rds storage", 100));
  expect(sum(made(20, true))).toBeCloseTo(2 * sum(made(20, false)));
});

test("the first quota is the smallest", async () => {
  const { settings, config } = readStack("aws");
  const met = quotasOf(await madeBy({ ...settings, bundles: BUNDLES }, config)).map((one) => one.eventsPerSecond);
  expect(met).toEqual([...met].sort((a, b) => a - b));
  expect(met.length).toBeGreaterThan(1);
});

test("each price has its source, and the table its date", () => {
  expect(PRICES_DATE).toMatch(/^\d{4}-\d\d-\d\d$/);
  for (const { source } of Object.values(prices)) expect(source).toMatch(/^https:\/\//);
});

test("a stack that is not there is one line", async () => {
  expect(await command("cost", ["--stack", "nowhere"], ROOT).ended).toMatchObject({
    code: 1,
    text: "error: --stack nowhere: there is no stacks/Pulumi.nowhere.yaml and no ./Pulumi.nowhere.yaml.\n",
  });
});
