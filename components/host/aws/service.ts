import { all, interpolate, jsonStringify } from "@pulumi/pulumi";
import { LOG_DAYS } from "../../checking/settings.ts";
import type { In, Principal } from "../../link.ts";
import type { Children } from "../../making/children.ts";
import { type Aws, sdk } from "../../making/sdk.ts";
import type { Service, ServiceArgs } from "../host.ts";
import type { AwsAccount } from "./account.ts";
import { type CloudFrontClasses, createCloudFront } from "./cloudfront.ts";
import { trustService } from "./policy.ts";
import { awsSecret } from "./secret.ts";

export interface ServiceClasses extends CloudFrontClasses {
  serviceSecret: typeof Aws.secretsmanager.Secret;
  serviceSecretValue: typeof Aws.secretsmanager.SecretVersion;
  serviceLogs: typeof Aws.cloudwatch.LogGroup;
  serviceStarter: typeof Aws.iam.Role;
  grant: typeof Aws.iam.RolePolicy;
  cluster: typeof Aws.ecs.Cluster;
  task: typeof Aws.ecs.TaskDefinition;
  service: typeof Aws.ecs.Service;
}

/**
 * A Fargate service in private subnets, behind CloudFront and a firewall that lets in the people it
 * is for.
 */
export function awsService(host: AwsAccount, children: Children<ServiceClasses>, args: ServiceArgs): Service {
  const aws = sdk.aws();
  const network = host.networkAccess();
  const secret = awsSecret(children.as(), "serviceSecret", jsonStringify(args.secrets));
  const logs = children.make("serviceLogs", aws.cloudwatch.LogGroup, {
    name: `/integraviz/${children.scope.prefix}/${children.stem}`,
    retentionInDays: LOG_DAYS,
  });
  const starter = children.make("serviceStarter", aws.iam.Role, {
    assumeRolePolicy: trustService("ecs-tasks.amazonaws.com", host.accountId()),
  });
  // The one who starts the task reads its secrets and writes its logs; the task itself may do
  // neither.
  const started = host.grant(children, host.principalOf(starter), "starter", [
    { actions: ["secretsmanager:GetSecretValue"], resources: [secret.id] },
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [interpolate`${logs.arn}:*`] },
  ]);
  const front = createCloudFront(host, children.as(), args, network);
  const cluster = children.make("cluster", aws.ecs.Cluster, {
    settings: [{ name: "containerInsights", value: "enabled" }],
  });
  const task = children.make("task", aws.ecs.TaskDefinition, {
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: String(args.cpu * 1024),
    memory: String(args.memory),
    runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
    executionRoleArn: starter.arn,
    taskRoleArn: roleArn(args.principal),
    containerDefinitions: containers(args, secret.id, secret.version, logs.name, host.region),
  });
  const service = children.make(
    "service",
    aws.ecs.Service,
    {
      cluster: cluster.arn,
      taskDefinition: task.arn,
      desiredCount: 1,
      launchType: "FARGATE",
      networkConfiguration: {
        subnets: network.subnetIds,
        securityGroups: [network.clientSecurityGroupId, front.behind],
        assignPublicIp: false,
      },
      loadBalancers: [{ targetGroupArn: front.targetGroupArn, containerName: "app", containerPort: args.port }],
      healthCheckGracePeriodSeconds: args.startupSeconds,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      waitForSteadyState: true,
    },
    { dependsOn: [...started, ...secret.ready, ...front.ready, ...host.networkReady(), ...args.dependsOn] },
  );
  return { url: front.url, inside: { url: front.insideUrl, access: network }, ready: [service] };
}

function roleArn(principal: Principal) {
  if (principal.cloud !== "aws") throw new Error("a service on AWS runs as an AWS role");
  return principal.roleArn;
}

function containers(args: ServiceArgs, secretArn: In, version: In, logGroup: In, region: string) {
  return all([secretArn, version, logGroup, all(args.env)]).apply(([arn, release, group, env]) => {
    const shared = {
      image: args.image,
      // Without the version in here, a rotated secret would not start a new task.
      environment: Object.entries({ ...env, INTEGRAVIZ_RELEASE: release }).map(([name, value]) => ({ name, value })),
      secrets: Object.keys(args.secrets).map((name) => ({ name, valueFrom: `${arn}:${name}::` })),
      logConfiguration: {
        logDriver: "awslogs",
        options: { "awslogs-group": group, "awslogs-region": region, "awslogs-stream-prefix": "app" },
      },
    };
    const app = {
      ...shared,
      name: "app",
      essential: true,
      portMappings: [{ containerPort: args.port, protocol: "tcp" }],
      ...(args.command ? { command: args.command } : {}),
      ...(args.init ? { dependsOn: [{ containerName: "init", condition: "SUCCESS" }] } : {}),
    };
    // ECS has no way to run a task once: an init container runs before each release, and does
    // nothing the second time.
    const init = { ...shared, name: "init", essential: false, command: args.init };
    return JSON.stringify(args.init ? [init, app] : [app]);
  });
}
