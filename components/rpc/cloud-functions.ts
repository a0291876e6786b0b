import { type ComponentResourceOptions, type Input, interpolate, type Output, type Resource } from "@pulumi/pulumi";
import { z } from "zod";
import { bundleNames } from "../../contract/bundles.ts";
import { archive, bundle } from "../bundle.ts";
import { instances } from "../checking/settings.ts";
import { secretsJson } from "../environment.ts";
import { serverErrors } from "../host/gcp/alarm.ts";
import type { GcpHost } from "../host/gcp/gcp.ts";
import { gcpSecret } from "../host/gcp/secret.ts";
import { memberOf } from "../host/gcp/services.ts";
import type { SecretRef } from "../host/host.ts";
import { NODE } from "../host/node.ts";
import type { CreateArgs } from "../implementation.ts";
import type { Caller, InvokeAuth, InvokeAuthKind, NetworkAccess, Principal } from "../link.ts";
import { Children } from "../making/children.ts";
import type { Context } from "../making/context.ts";
import { keyRing, type RingKey } from "../making/key-ring.ts";
import { type Gcp, type Random, sdk } from "../making/sdk.ts";
import { createQueue, type FunctionsQueueClasses } from "./cloud-functions-queue.ts";
import { type FunctionNeeds, handlerNeeds, workerNeeds } from "./environment.ts";
import type { Queue } from "./queue.ts";
import { Rpc, type RpcArgs, type RpcImplementation } from "./rpc.ts";

/**
 * MiB that go with a number of CPUs:
 * https://cloud.google.com/run/docs/configuring/services/memory-limits
 */
const MEMORY = { "1": [128, 4096], "2": [128, 8192], "4": [2048, 16384] } as const;

const schema = z
  .strictObject({
    runtime: z
      .enum(NODE.cloudFunctions)
      .default(NODE.cloudFunctions[0])
      .meta({ description: "The runtime that Cloud Functions gives the functions.", change: "restarts" }),
    memory: z
      .string()
      .regex(/^\d+(Mi|Gi)$/, "must be such as 512Mi")
      .default("512Mi")
      .meta({ description: "Memory of an instance, such as 512Mi or 2Gi; the cpu says how much.", change: "restarts" }),
    cpu: z.enum(["1", "2", "4"]).default("1").meta({ description: "CPUs of an instance.", change: "restarts" }),
    timeoutSeconds: z.int().min(1).max(3600).optional().meta({
      description: "How long a request may take. Unset: a minute, or as long as the API waits.",
      unit: "s",
      change: "restarts",
    }),
    minInstances: z.int().min(0).default(0).meta({
      description: "Instances that always run. 0 costs nothing while idle, and the first request waits for a start.",
      change: "restarts",
    }),
    maxInstances: z
      .int()
      .min(1)
      .default(20)
      .meta({ description: "Instances that run at most; each holds connections to the database.", change: "restarts" }),
    concurrency: z
      .int()
      .min(1)
      .max(1000)
      .default(40)
      .meta({ description: "Requests that one instance answers at once.", change: "restarts" }),
  })
  .refine(instances.fit, instances.unless)
  .superRefine(({ cpu, memory }, context) => {
    const [least, most] = MEMORY[cpu];
    const own = Number.parseInt(memory, 10) * (memory.endsWith("Gi") ? 1024 : 1);
    if (own < least || own > most)
      context.addIssue({
        code: "custom",
        path: ["memory"],
        message: `must be from ${least}Mi to ${most}Mi with cpu ${cpu}`,
      });
  });
export type CloudFunctionsSettings = z.output<typeof schema>;

export interface CloudFunctionsClasses extends FunctionsQueueClasses {
  identity: typeof Gcp.serviceaccount.Account;
  builder: typeof Gcp.serviceaccount.Account;
  grant: typeof Gcp.projects.IAMMember;
  secret: typeof Gcp.secretmanager.Secret;
  secretValue: typeof Gcp.secretmanager.SecretVersion;
  secretReader: typeof Gcp.secretmanager.SecretIamMember;
  workerIdentity: typeof Gcp.serviceaccount.Account;
  workerSecret: typeof Gcp.secretmanager.Secret;
  workerSecretValue: typeof Gcp.secretmanager.SecretVersion;
  workerSecretReader: typeof Gcp.secretmanager.SecretIamMember;
  code: typeof Gcp.storage.BucketObject;
  function: typeof Gcp.cloudfunctionsv2.Function;
  invoker: typeof Gcp.cloudrunv2.ServiceIamMember;
  gatewayKey: typeof Random.RandomPassword;
  errors: typeof Gcp.monitoring.AlertPolicy;
}

type Account = Principal & { cloud: "gcp" };

export interface FunctionArgs {
  identity: Account;
  secret: SecretRef;
  access: NetworkAccess;
  env: Record<string, Input<string>>;
  dependsOn: Resource[];
}

const accepts = ["google-id", "shared-key"] as const;

/** The handler on Cloud Functions (second generation). */
class CloudFunctionsRpc extends Rpc {
  readonly accepts = accepts;
  readonly limits;
  readonly nodes;
  readonly #children: Children<CloudFunctionsClasses>;
  readonly #context: Context;
  readonly #host: GcpHost;
  readonly #settings: CloudFunctionsSettings;
  readonly #function: Gcp.cloudfunctionsv2.Function;
  readonly #keys: RingKey[];
  readonly #builder: { account: Account; ready: Resource[] };

  constructor(
    name: string,
    args: RpcArgs & CreateArgs<CloudFunctionsSettings, CloudFunctionsClasses>,
    opts: ComponentResourceOptions,
  ) {
    super(name, opts);
    this.#context = args.context;
    this.#host = args.context.hosts.gcp();
    this.#settings = args.settings;
    this.limits = args.limits;
    this.#children = new Children<CloudFunctionsClasses>(this, args.context, "rpc-cloud-functions", args.transform);
    this.nodes = this.#children.nodes;

    const identity = this.#host.identity(this.#children, "identity");
    this.#builder = this.#createBuilder();
    this.#keys = args.invokeAuth === "shared-key" ? keyRing(this.#children, "gatewayKey", args.context.rotation) : [];
    const queue = args.delivery === "queued" ? this.#createQueue(args, identity) : undefined;
    const needs = handlerNeeds(args.context, args, identity);
    const gatewayKeys = Object.fromEntries(this.#keys.map(({ id, secret }) => [id, secret]));
    const secrets = { ...needs.secrets, ...(this.#keys.length > 0 ? { gatewayKeys } : {}) };
    const equipped = this.#equip("secret", identity, { ...needs, secrets });
    this.#function = this.#createFunction("function", bundleNames.cloudFunctions(args.storage.store), {
      ...equipped,
      env: { ...equipped.env, ...queue?.env },
      dependsOn: [...equipped.dependsOn, ...(queue?.ready ?? [])],
    });
    this.registerOutputs({});
  }

  admit(auth: InvokeAuthKind, { principal }: Caller): InvokeAuth {
    const url = uriOf(this.#function);
    if (auth === "google-id") {
      if (principal.cloud !== "gcp") throw new Error('the invoke auth "google-id" is for Google service accounts');
      const ready = [this.#invoker("caller", this.#function, memberOf(principal))];
      return { auth, url, audience: url, ready };
    }
    if (auth === "shared-key") {
      // The caller has no Google identity: the handler asks for the key instead.
      const ready = [this.#invoker("key", this.#function, "allUsers")];
      return { auth, url, key: this.#keys[0]!.secret, ready };
    }
    throw new Error(`cloud-functions takes no invoke auth "${auth}"`);
  }

  #invoker(each: string, fn: Gcp.cloudfunctionsv2.Function, member: Input<string>): Resource {
    const { project, region } = this.#host;
    return this.#children.make(
      "invoker",
      sdk.gcp().cloudrunv2.ServiceIamMember,
      { project, location: region, name: fn.name, role: "roles/run.invoker", member },
      { each },
    );
  }

  /**
   * Who builds the functions' images: not the project's default account, which may edit everything.
   */
  #createBuilder(): { account: Account; ready: Resource[] } {
    const account = this.#host.identity(this.#children, "builder");
    const logs = this.#host.grant(this.#children, account, "builder-logs", "roles/logging.logWriter");
    const images = this.#host.grant(this.#children, account, "builder-images", "roles/artifactregistry.writer");
    // Google copies the code to a bucket of its own, which the first function of a region brings
    // about, and builds from there.
    const code = this.#host.grant(this.#children, account, "builder-sources", "roles/storage.objectViewer", {
      title: "Code of functions",
      expression: 'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-")',
    });
    return { account, ready: [logs, images, code] };
  }

  /** A function's secret, which its account can read. */
  #equip(
    key: "secret" | "workerSecret",
    identity: Account,
    { env, secrets, access, ready }: FunctionNeeds,
  ): FunctionArgs {
    const secret = gcpSecret(this.#host, this.#children, key, secretsJson(secrets), identity);
    return { identity, secret, access, env, dependsOn: [...ready, ...secret.ready] };
  }

  #createQueue(args: RpcArgs, publisher: Account): Queue {
    const identity = this.#host.identity(this.#children, "workerIdentity");
    const equipped = this.#equip("workerSecret", identity, workerNeeds(args, identity));
    const code = bundleNames.cloudFunctionsWorker(args.storage.store);
    return createQueue(this.#host, this.#children.as(), publisher, equipped, (own, member) => {
      const worker = this.#createFunction("worker", code, own);
      return { url: uriOf(worker), ready: [this.#invoker("push", worker, member)] };
    });
  }

  #createFunction(key: "function" | "worker", code: string, args: FunctionArgs): Gcp.cloudfunctionsv2.Function {
    const gcp = sdk.gcp();
    const { project, region } = this.#host;
    const { runtime, memory, cpu, minInstances, maxInstances, concurrency } = this.#settings;
    const built = bundle(this.#context.bundles, code);
    const source = this.#children.make(
      "code",
      gcp.storage.BucketObject,
      { bucket: this.#host.sources().name, name: `${built.name}/${built.hash}.zip`, source: archive(built) },
      { each: key },
    );
    const { account, ready } = this.#builder;
    const { access } = args;
    const fn = this.#children.make(
      key,
      gcp.cloudfunctionsv2.Function,
      {
        project,
        location: region,
        buildConfig: {
          runtime,
          entryPoint: "handler",
          serviceAccount: interpolate`projects/${project}/serviceAccounts/${account.email}`,
          source: { storageSource: { bucket: source.bucket, object: source.name } },
        },
        serviceConfig: {
          serviceAccountEmail: args.identity.email,
          availableMemory: memory,
          availableCpu: cpu,
          timeoutSeconds: this.#settings.timeoutSeconds ?? Math.min(60, this.limits.seconds - 1),
          minInstanceCount: key === "function" ? minInstances : 0,
          maxInstanceCount: maxInstances,
          maxInstanceRequestConcurrency: concurrency,
          ingressSettings: "ALLOW_ALL",
          allTrafficOnLatestRevision: true,
          environmentVariables: { NODE_OPTIONS: "--enable-source-maps", ...args.env },
          secretEnvironmentVariables: [
            { key: "INTEGRAVIZ_SECRETS", projectId: project, secret: args.secret.id, version: args.secret.version },
          ],
          ...(access.via === "gcp-vpc"
            ? {
                directVpcEgress: "VPC_EGRESS_PRIVATE_RANGES_ONLY",
                directVpcNetworkInterfaces: [{ network: access.network, subnetwork: access.subnetwork }],
              }
            : {}),
        },
      },
      {
        dependsOn: [
          ...args.dependsOn,
          ...ready,
          ...["cloudfunctions", "cloudbuild", "artifactregistry", "run"].map((api) => this.#host.enable(api)),
        ],
      },
    );
    this.#host.alarm(this.#children, key === "function" ? "errors" : "workerErrors", {
      description: `rpc: the ${key} answers with errors`,
      ...serverErrors(fn.name),
    });
    return fn;
  }
}

/**
 * Its Cloud Run address: the one under cloudfunctions.net ends in the function's name, which a
 * request's own path would replace.
 */
function uriOf(fn: Gcp.cloudfunctionsv2.Function): Output<string> {
  return fn.serviceConfig.apply((config) => config?.uri as string);
}

export const cloudFunctions = {
  schema,
  capabilities: {
    self: {
      providers: ["gcp"],
      accepts,
      at: "internet",
      reaches: ["internet", "gcp-vpc"],
      delivery: ["direct", "queued"],
      limits: { bodyBytes: 32_000_000, seconds: 3600, stream: "live" },
      host: "gcp",
    },
  },
  host: () => "self",
  bundles: (store, delivery) => [
    bundleNames.cloudFunctions(store),
    ...(delivery === "queued" ? [bundleNames.cloudFunctionsWorker(store)] : []),
  ],
  create: (name, args: RpcArgs & CreateArgs<CloudFunctionsSettings, CloudFunctionsClasses>, opts): Rpc =>
    new CloudFunctionsRpc(name, args, opts),
} satisfies RpcImplementation;
