import { interpolate, type Resource } from "@pulumi/pulumi";
import { archive, bundle } from "../../bundle.ts";
import type { Children } from "../../making/children.ts";
import { physicalName } from "../../making/naming.ts";
import { type Aws, sdk } from "../../making/sdk.ts";
import type { JobArgs } from "../host.ts";
import type { AwsAccount } from "./account.ts";
import { runtimeOf } from "./runtime.ts";
import { awsSecret } from "./secret.ts";

export interface AwsJobClasses {
  onceLogs: typeof Aws.cloudwatch.LogGroup;
  onceSecret: typeof Aws.secretsmanager.Secret;
  onceSecretValue: typeof Aws.secretsmanager.SecretVersion;
  grant: typeof Aws.iam.RolePolicy;
  vpcAccess: typeof Aws.iam.RolePolicyAttachment;
  onceFunction: typeof Aws.lambda.Function;
  once: typeof Aws.lambda.Invocation;
}

/**
 * A function of its own, invoked when its code or `again` changes. What it answers lands in the
 * state, so it answers no secret.
 */
export function awsJob(host: AwsAccount, children: Children<AwsJobClasses>, args: JobArgs): Resource {
  if (args.principal.cloud !== "aws") throw new Error("a task on AWS runs as an AWS role");
  const aws = sdk.aws();
  const { each, access, principal } = args;
  const code = bundle(children.scope.bundles, args.bundles.aws);
  const secret = awsSecret(children.as(), "onceSecret", args.secrets, each);
  const name = physicalName("aws:lambda/function:Function", [children.scope.prefix, children.stem, each]);
  const logs = children.make(
    "onceLogs",
    aws.cloudwatch.LogGroup,
    { name: `/aws/lambda/${name}`, retentionInDays: 30 },
    { each },
  );
  const granted = [
    ...host.grant(children, principal, `once-${each}`, [
      { actions: ["secretsmanager:GetSecretValue"], resources: [secret.id] },
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [interpolate`${logs.arn}:*`] },
    ]),
    ...(access.via === "aws-vpc" ? [host.grantVpc(children, principal, each)] : []),
  ];
  const fn = children.make(
    "onceFunction",
    aws.lambda.Function,
    {
      ...runtimeOf("nodejs22.x"),
      name,
      role: principal.roleArn,
      code: archive(code),
      memorySize: 512,
      timeout: 300,
      loggingConfig: { logFormat: "JSON", logGroup: logs.name },
      environment: {
        variables: {
          ...args.env,
          // Within the function's own time; IAM needs seconds.
          INTEGRAVIZ_GRANT_SECONDS: "60",
          INTEGRAVIZ_SECRETS_ARN: secret.id,
          NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem",
        },
      },
      ...(access.via === "aws-vpc"
        ? { vpcConfig: { subnetIds: access.subnetIds, securityGroupIds: [access.clientSecurityGroupId] } }
        : {}),
    },
    { each, dependsOn: [...granted, ...secret.ready] },
  );
  return children.make(
    "once",
    aws.lambda.Invocation,
    {
      functionName: fn.name,
      input: JSON.stringify({ content: code.hash }),
      triggers: { content: code.hash, secrets: secret.version, ...args.again },
    },
    { each, dependsOn: [...args.dependsOn, ...(access.via === "aws-vpc" ? host.networkReady() : [])] },
  );
}
