import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { z } from "zod";
import { bundleNames } from "../../contract/bundles.ts";
import { bundle } from "../bundle.ts";
import { logDays } from "../checking/settings.ts";
import { secretsJson } from "../environment.ts";
import type { AwsHost } from "../host/aws/aws.ts";
import { functionArgs, functionLogs, writesTo } from "../host/aws/function.ts";
import { awsSecret } from "../host/aws/secret.ts";
import { NODE } from "../host/node.ts";
import type { CreateArgs } from "../implementation.ts";
import type { Caller, InvokeAuth, InvokeAuthKind, NetworkAccess, Principal } from "../link.ts";
import { Children } from "../making/children.ts";
import type { Context } from "../making/context.ts";
import { physicalName } from "../making/naming.ts";
import { type Aws, sdk } from "../making/sdk.ts";
import { type FunctionNeeds, handlerNeeds, workerNeeds } from "./environment.ts";
import { admitGateway, admitGoogle, type LambdaInvokeAuthClasses } from "./lambda-invoke-auth.ts";
import { createQueue, type LambdaQueueClasses } from "./lambda-queue.ts";
import type { Queue } from "./queue.ts";
import { Rpc, type RpcArgs, type RpcImplementation } from "./rpc.ts";

const schema = z.strictObject({
  runtime: z
    .enum(NODE.lambda)
    .default(NODE.lambda[0])
    .meta({ description: "The runtime that Lambda gives the functions.", change: "restarts" }),
  memory: z
    .int()
    .min(128)
    .max(10240)
    .default(512)
    .meta({ description: "Memory of a function; its share of a CPU grows with it.", unit: "MiB", change: "restarts" }),
  timeoutSeconds: z.int().min(1).max(900).optional().meta({
    description: "How long a request may take. Unset: a minute, or as long as the API waits.",
    unit: "s",
    change: "restarts",
  }),
  concurrency: z.int().min(1).optional().meta({
    description:
      "Functions that may run at once, reserved for them. Unset: as many as the account has; a new account refuses a reservation.",
  }),
  logDays,
});
export type LambdaSettings = z.output<typeof schema>;

export interface LambdaClasses extends LambdaQueueClasses, LambdaInvokeAuthClasses {
  role: typeof Aws.iam.Role;
  grant: typeof Aws.iam.RolePolicy;
  workerRole: typeof Aws.iam.Role;
  workerSecret: typeof Aws.secretsmanager.Secret;
  workerSecretValue: typeof Aws.secretsmanager.SecretVersion;
  vpcAccess: typeof Aws.iam.RolePolicyAttachment;
  secret: typeof Aws.secretsmanager.Secret;
  secretValue: typeof Aws.secretsmanager.SecretVersion;
  logs: typeof Aws.cloudwatch.LogGroup;
  function: typeof Aws.lambda.Function;
  errors: typeof Aws.cloudwatch.MetricAlarm;
}

/** What a function of this RPC is given beside its code. */
export interface FunctionArgs {
  role: Principal & { cloud: "aws" };
  access: NetworkAccess;
  env: Record<string, Input<string>>;
  timeoutSeconds: number;
  dependsOn: Resource[];
}

const accepts = ["lambda", "sigv4"] as const;

/** The handler on AWS Lambda. */
class LambdaRpc extends Rpc {
  readonly accepts = accepts;
  readonly limits;
  readonly nodes;
  readonly #children: Children<LambdaClasses>;
  readonly #context: Context;
  readonly #host: AwsHost;
  readonly #settings: LambdaSettings;
  readonly #function: Aws.lambda.Function;

  constructor(name: string, args: RpcArgs & CreateArgs<LambdaSettings, LambdaClasses>, opts: ComponentResourceOptions) {
    super(name, opts);
    this.#context = args.context;
    this.#host = args.context.hosts.aws();
    this.#settings = args.settings;
    this.limits = args.limits;
    this.#children = new Children<LambdaClasses>(this, args.context, "rpc-lambda", args.transform);
    this.nodes = this.#children.nodes;

    const role = this.#host.lambdaRole(this.#children, "role");
    const queue = args.delivery === "queued" ? this.#createQueue(args, role) : undefined;
    const equipped = this.#equip("function", role, handlerNeeds(args.context, args, role));
    this.#function = this.#createFunction("function", bundleNames.lambda(args.storage.store), {
      ...equipped,
      timeoutSeconds: this.#settings.timeoutSeconds ?? Math.min(60, args.limits.seconds - 1),
      env: { ...equipped.env, ...queue?.env },
      dependsOn: [...equipped.dependsOn, ...(queue?.ready ?? [])],
    });
    this.registerOutputs({});
  }

  admit(auth: InvokeAuthKind, caller: Caller): InvokeAuth {
    const fn = this.#function;
    if (auth === "lambda") return admitGateway(this.#children.as(), fn, caller);
    if (auth === "sigv4") return admitGoogle(this.#host, this.#children.as(), fn, caller);
    throw new Error(`lambda takes no invoke auth "${auth}"`);
  }

  /** A function's secret, and what its role needs to read it and to be in the network. */
  #equip(
    key: "function" | "worker",
    role: FunctionArgs["role"],
    { env, secrets, access, ready }: FunctionNeeds,
  ): Omit<FunctionArgs, "timeoutSeconds"> {
    const name = key === "worker" ? "workerSecret" : "secret";
    const secret = awsSecret(this.#children.as(), name, secretsJson(secrets));
    const granted = this.#host.grant(this.#children, role, key === "worker" ? "worker-secret" : "secret", [
      { actions: ["secretsmanager:GetSecretValue"], resources: [secret.id] },
    ]);
    const inside = access.via === "aws-vpc" ? [this.#host.grantVpc(this.#children, role, key)] : [];
    return {
      role,
      access,
      // With the version in it, a rotated secret starts new instances.
      env: { ...env, INTEGRAVIZ_SECRETS_ARN: secret.id, INTEGRAVIZ_SECRETS_VERSION: secret.version },
      dependsOn: [...granted, ...inside, ...secret.ready, ...ready],
    };
  }

  #createQueue(args: RpcArgs, publisher: FunctionArgs["role"]): Queue {
    const role = this.#host.lambdaRole(this.#children, "workerRole");
    const worker = this.#equip("worker", role, workerNeeds(args, role));
    return createQueue(this.#host, this.#children.as(), publisher, worker, (own) =>
      this.#createFunction("worker", bundleNames.lambdaWorker(args.storage.store), own),
    );
  }

  #createFunction(key: "function" | "worker", code: string, args: FunctionArgs): Aws.lambda.Function {
    const aws = sdk.aws();
    const { memory, runtime, concurrency, logDays } = this.#settings;
    const name = physicalName("aws:lambda/function:Function", [this.#context.prefix, "rpc-lambda", key]);
    const logs = this.#children.make("logs", aws.cloudwatch.LogGroup, functionLogs(name, logDays), { each: key });
    const logged = this.#host.grant(this.#children, args.role, `${key}-logs`, [writesTo(logs)]);
    const fn = this.#children.make(
      key,
      aws.lambda.Function,
      {
        ...functionArgs({
          name,
          runtime,
          roleArn: args.role.roleArn,
          code: bundle(this.#context.bundles, code),
          memory,
          timeoutSeconds: args.timeoutSeconds,
          logs,
          env: { NODE_OPTIONS: "--enable-source-maps", ...args.env },
          access: args.access,
        }),
        ...(concurrency !== undefined && key === "function" ? { reservedConcurrentExecutions: concurrency } : {}),
      },
      { dependsOn: [...args.dependsOn, ...logged] },
    );
    this.#host.alarm(this.#children, key === "function" ? "errors" : "workerErrors", {
      description: `${name}: the function fails`,
      namespace: "AWS/Lambda",
      metric: "Errors",
      dimensions: { FunctionName: fn.name as Output<string> },
      statistic: "Sum",
      above: 0,
      minutes: 5,
    });
    return fn;
  }
}

export const lambda = {
  schema,
  capabilities: {
    self: {
      providers: ["aws"],
      accepts,
      at: "internet",
      reaches: ["internet", "aws-vpc"],
      delivery: ["direct", "queued"],
      // A synchronous invocation carries 6 MB, of which base64 takes a quarter.
      limits: { bodyBytes: 4_500_000, seconds: 900, stream: "poll" },
      host: "aws",
    },
  },
  host: () => "self",
  bundles: (store, delivery) => [
    bundleNames.lambda(store),
    ...(delivery === "queued" ? [bundleNames.lambdaWorker(store)] : []),
  ],
  create: (name, args: RpcArgs & CreateArgs<LambdaSettings, LambdaClasses>, opts): Rpc =>
    new LambdaRpc(name, args, opts),
} satisfies RpcImplementation;
