import type { Resource } from "@pulumi/pulumi";
import { bundle } from "../../bundle.ts";
import { LOG_DAYS } from "../../checking/settings.ts";
import type { Children } from "../../making/children.ts";
import { physicalName } from "../../making/naming.ts";
import { type Aws, sdk } from "../../making/sdk.ts";
import type { JobArgs } from "../host.ts";
import { NODE } from "../node.ts";
import type { AwsAccount } from "./account.ts";
import { functionArgs, functionLogs, writesTo } from "./function.ts";
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
  const logs = children.make("onceLogs", aws.cloudwatch.LogGroup, functionLogs(name, LOG_DAYS), { each });
  const granted = [
    ...host.grant(children, principal, `once-${each}`, [
      { actions: ["secretsmanager:GetSecretValue"], resources: [secret.id] },
      writesTo(logs),
    ]),
    ...(access.via === "aws-vpc" ? [host.grantVpc(children, principal, each)] : []),
  ];
  const fn = children.make(
    "onceFunction",
    aws.lambda.Function,
    functionArgs({
      name,
      runtime: NODE.lambda[0],
      roleArn: principal.roleArn,
      code,
      memory: 512,
      timeoutSeconds: 300,
      logs,
      // Within the function's own time; IAM needs seconds.
      env: { ...args.env, INTEGRAVIZ_GRANT_SECONDS: "60", INTEGRAVIZ_SECRETS_ARN: secret.id },
      access,
    }),
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
