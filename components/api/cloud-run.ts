import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { z } from "zod";
import { bundleNames } from "../../contract/bundles.ts";
import { GATEWAY_HEALTH } from "../../contract/health.ts";
import { bundle, sourceArchive } from "../bundle.ts";
import { corsOrigins, instances } from "../checking/settings.ts";
import { invokeAuthEnvironment, secretsJson, variable } from "../environment.ts";
import { serverErrors } from "../host/gcp/alarm.ts";
import type { GcpHost } from "../host/gcp/gcp.ts";
import { gcpSecret } from "../host/gcp/secret.ts";
import { NODE } from "../host/node.ts";
import type { CreateArgs } from "../implementation.ts";
import type { InvokeAuth, Principal } from "../link.ts";
import { Children } from "../making/children.ts";
import { type Gcp, sdk } from "../making/sdk.ts";
import { Api, type ApiArgs, type ApiImplementation } from "./api.ts";

const schema = z
  .strictObject({
    minInstances: z.int().min(0).default(0).meta({
      description: "Instances that always run. 0 costs nothing while idle, and the first request waits for a start.",
      change: "restarts",
    }),
    maxInstances: z.int().min(1).default(10).meta({ description: "Instances that run at most.", change: "restarts" }),
    concurrency: z
      .int()
      .min(1)
      .max(1000)
      .default(200)
      .meta({ description: "Requests that one instance forwards at once.", change: "restarts" }),
    timeoutSeconds: z.int().min(2).max(3600).default(300).meta({
      description: "How long a request may take; streams are resumed after it.",
      unit: "s",
      change: "restarts",
    }),
    corsOrigins: corsOrigins("restarts"),
  })
  .refine(instances.fit, instances.unless);
type Settings = z.output<typeof schema>;

export interface CloudRunClasses {
  identity: typeof Gcp.serviceaccount.Account;
  code: typeof Gcp.storage.BucketObject;
  secret: typeof Gcp.secretmanager.Secret;
  secretValue: typeof Gcp.secretmanager.SecretVersion;
  secretReader: typeof Gcp.secretmanager.SecretIamMember;
  service: typeof Gcp.cloudrunv2.Service;
  errors: typeof Gcp.monitoring.AlertPolicy;
}

interface Environment {
  envs: {
    name: string;
    value?: Input<string>;
    valueSource?: { secretKeyRef: { secret: Input<string>; version: Input<string> } };
  }[];
  ready: Resource[];
}

/** A small gateway on Cloud Run, deployed from source: no image is built. */
class CloudRunApi extends Api {
  readonly url: Output<string>;
  readonly nodes;
  readonly #children: Children<CloudRunClasses>;
  readonly #host: GcpHost;
  readonly #settings: Settings;

  constructor(name: string, args: ApiArgs & CreateArgs<Settings, CloudRunClasses>, opts: ComponentResourceOptions) {
    super(name, opts);
    this.#host = args.context.hosts.gcp();
    this.#settings = args.settings;
    this.#children = new Children<CloudRunClasses>(this, args.context, "api-cloud-run", args.transform);
    this.nodes = this.#children.nodes;

    const identity = this.#host.identity(this.#children, "identity");
    const invokeAuth = args.rpc.admit(args.invokeAuth, { principal: identity });
    const service = this.#createService(identity, this.#environment(invokeAuth, identity));
    this.#createAlarm(service);
    this.url = service.uri;
    this.registerOutputs({ url: this.url });
  }

  #environment(invokeAuth: InvokeAuth, identity: Principal & { cloud: "gcp" }): Environment {
    const { env, secrets } = invokeAuthEnvironment(invokeAuth);
    const variables = { ...env, ...variable("INTEGRAVIZ_CORS", this.#settings.corsOrigins) };
    const envs = Object.entries(variables).map(([name, value]) => ({ name, value }));
    if (!secrets.gatewayKeys) return { envs, ready: invokeAuth.ready };
    const secret = gcpSecret(this.#host, this.#children, "secret", secretsJson(secrets), identity);
    const fromSecret = {
      name: "INTEGRAVIZ_SECRETS",
      valueSource: { secretKeyRef: { secret: secret.id, version: secret.version } },
    };
    return { envs: [...envs, fromSecret], ready: [...invokeAuth.ready, ...secret.ready] };
  }

  #createService(identity: Principal & { cloud: "gcp" }, { envs, ready }: Environment): Gcp.cloudrunv2.Service {
    const gcp = sdk.gcp();
    const { minInstances, maxInstances, concurrency, timeoutSeconds } = this.#settings;
    const built = bundle(this.#children.scope.bundles, bundleNames.gateway());
    const code = this.#children.make("code", gcp.storage.BucketObject, {
      bucket: this.#host.sources().name,
      name: `${built.name}/${built.hash}.tar.gz`,
      source: sourceArchive(built),
      contentType: "application/gzip",
    });
    return this.#children.make(
      "service",
      gcp.cloudrunv2.Service,
      {
        project: this.#host.project,
        location: this.#host.region,
        deletionProtection: false,
        ingress: "INGRESS_TRAFFIC_ALL",
        // Public by purpose: trainers come from anywhere, and the handler checks every token. A
        // grant to allUsers would be refused in organisations that share within domains only.
        invokerIamDisabled: true,
        template: {
          serviceAccount: identity.email,
          timeout: `${timeoutSeconds}s`,
          maxInstanceRequestConcurrency: concurrency,
          scaling: { minInstanceCount: minInstances, maxInstanceCount: maxInstances },
          containers: [
            {
              image: "scratch",
              baseImageUri: `${this.#host.region}-docker.pkg.dev/${NODE.cloudRun}`,
              sourceCode: {
                cloudStorageSource: {
                  bucket: code.bucket,
                  object: code.name,
                  generation: code.generation.apply(String),
                },
              },
              commands: ["node"],
              args: ["index.mjs"],
              envs,
              ports: { containerPort: 8080 },
              resources: { limits: { cpu: "1", memory: "512Mi" }, cpuIdle: true, startupCpuBoost: true },
              startupProbe: { httpGet: { path: GATEWAY_HEALTH }, periodSeconds: 2, failureThreshold: 30 },
            },
          ],
        },
      },
      { dependsOn: [...ready, this.#host.enable("run")] },
    );
  }

  #createAlarm(service: Gcp.cloudrunv2.Service): void {
    this.#host.alarm(this.#children, "errors", {
      description: "The API answers with errors (5xx)",
      ...serverErrors(service.name),
    });
  }
}

export const cloudRun = {
  schema,
  capabilities: {
    self: {
      providers: ["gcp"],
      speaks: ["google-id", "sigv4"],
      reaches: ["internet"],
      limits: { bodyBytes: 32_000_000, seconds: 3600, stream: "live" },
    },
  },
  host: () => "self",
  bundles: () => [bundleNames.gateway()],
  create: (name, args: ApiArgs & CreateArgs<Settings, CloudRunClasses>, opts): Api => new CloudRunApi(name, args, opts),
} satisfies ApiImplementation;
