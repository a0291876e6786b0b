import { type Input, interpolate } from "@pulumi/pulumi";
import { archive, type Bundle } from "../../bundle.ts";
import type { In, NetworkAccess } from "../../link.ts";
import type { Aws } from "../../making/sdk.ts";
import type { NODE } from "../node.ts";

/** What a function of ours is made of. */
export interface FunctionOrder {
  name: string;
  runtime: (typeof NODE.lambda)[number];
  roleArn: In;
  code: Bundle;
  /** MiB. */
  memory: number;
  timeoutSeconds: number;
  logs: Aws.cloudwatch.LogGroup;
  env: Record<string, Input<string>>;
  access: NetworkAccess;
}

/** Returns what every Lambda function of ours is made with. */
export function functionArgs(order: FunctionOrder) {
  const { name, runtime, roleArn, code, memory, timeoutSeconds, logs, env, access } = order;
  return {
    runtime,
    handler: "index.handler",
    architectures: ["arm64"],
    name,
    role: roleArn,
    code: archive(code),
    memorySize: memory,
    timeout: timeoutSeconds,
    loggingConfig: { logFormat: "JSON", logGroup: logs.name },
    // RDS' own CA is among the extra ones; Node 20 and later do not read them by themselves.
    environment: { variables: { NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem", ...env } },
    ...(access.via === "aws-vpc"
      ? { vpcConfig: { subnetIds: access.subnetIds, securityGroupIds: [access.clientSecurityGroupId] } }
      : {}),
  };
}

/** Where a function logs, kept so many days. */
export const functionLogs = (name: string, days: number) => ({ name: `/aws/lambda/${name}`, retentionInDays: days });

/** Lets a function write there. */
export const writesTo = (logs: Aws.cloudwatch.LogGroup) => ({
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [interpolate`${logs.arn}:*`],
});
