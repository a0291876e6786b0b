import { type ComponentResourceOptions, type Output, output } from "@pulumi/pulumi";
import { z } from "zod";
import { bundleNames } from "../../contract/bundles.ts";
import { GATEWAY_HEALTH } from "../../contract/health.ts";
import { bundle } from "../bundle.ts";
import { corsOrigins, port } from "../checking/settings.ts";
import { invokeAuthEnvironment, secretsJson, variable } from "../environment.ts";
import { NODE } from "../host/node.ts";
import type { CreateArgs } from "../implementation.ts";
import { Children } from "../making/children.ts";
import type { Docker } from "../making/sdk.ts";
import { probe } from "../rpc/docker.ts";
import { Api, type ApiArgs, type ApiImplementation } from "./api.ts";

const schema = z.strictObject({
  port: port.default(8787).meta({ description: "The port of the machine that it listens on.", change: "replaces" }),
  image: z
    .string()
    .default(NODE.image)
    .meta({ description: "The image its container runs: any with Node 20 or newer.", change: "replaces" }),
  corsOrigins: corsOrigins("replaces"),
});

export interface DockerApiClasses {
  gateway: typeof Docker.Container;
}

/** The gateway in a container, on a port of this machine. */
class DockerApi extends Api {
  readonly url: Output<string>;
  readonly nodes;

  constructor(
    name: string,
    args: ApiArgs & CreateArgs<z.output<typeof schema>, DockerApiClasses>,
    opts: ComponentResourceOptions,
  ) {
    super(name, opts);
    const { context, settings } = args;
    const host = context.hosts.docker();
    const children = new Children<DockerApiClasses>(this, context, "api-docker", args.transform);
    this.nodes = children.nodes;

    const invokeAuth = args.rpc.admit(args.invokeAuth, { principal: { cloud: "none" } });
    const { env, secrets } = invokeAuthEnvironment(invokeAuth);
    host.container(children, "gateway", {
      image: settings.image,
      code: bundle(context.bundles, bundleNames.gateway()),
      command: ["node", "/app/index.mjs"],
      env: { ...env, PORT: "8080", ...variable("INTEGRAVIZ_CORS", settings.corsOrigins) },
      secrets: { INTEGRAVIZ_SECRETS: secretsJson(secrets) },
      ports: { inside: 8080, outside: settings.port },
      healthcheck: { test: ["CMD", "node", "-e", probe(8080, GATEWAY_HEALTH)], startSeconds: 10 },
      dependsOn: invokeAuth.ready,
    });
    this.url = output(`http://${host.address}:${settings.port}`);
    this.registerOutputs({ url: this.url });
  }
}

export const docker = {
  schema,
  capabilities: {
    self: {
      providers: ["docker"],
      speaks: ["shared-key"],
      reaches: ["internet", "docker"],
      limits: { bodyBytes: 33_554_432, seconds: 3600, stream: "live" },
    },
  },
  host: () => "self",
  bundles: () => [bundleNames.gateway()],
  create: (name, args: ApiArgs & CreateArgs<z.output<typeof schema>, DockerApiClasses>, opts): Api =>
    new DockerApi(name, args, opts),
} satisfies ApiImplementation;
