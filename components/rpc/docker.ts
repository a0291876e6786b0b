import { type ComponentResourceOptions, interpolate } from "@pulumi/pulumi";
import { z } from "zod";
import { bundleNames } from "../../contract/bundles.ts";
import { HEALTHZ } from "../../contract/health.ts";
import { bundle } from "../bundle.ts";
import { secretsJson } from "../environment.ts";
import { NODE } from "../host/node.ts";
import type { CreateArgs } from "../implementation.ts";
import type { Caller, InvokeAuth, InvokeAuthKind } from "../link.ts";
import { Children } from "../making/children.ts";
import { keyRing, type RingKey } from "../making/key-ring.ts";
import type { Docker, Random } from "../making/sdk.ts";
import { handlerNeeds } from "./environment.ts";
import { Rpc, type RpcArgs, type RpcImplementation } from "./rpc.ts";

const schema = z.strictObject({
  image: z
    .string()
    .default(NODE.image)
    .meta({ description: "The image its containers run: any with Node 20 or newer.", change: "replaces" }),
});

export interface DockerRpcClasses {
  gatewayKey: typeof Random.RandomPassword;
  handler: typeof Docker.Container;
}

const accepts = ["shared-key"] as const;
const PORT = 8080;

/**
 * The handler in a container of this machine, without a port of its own: only the API reaches it.
 */
class DockerRpc extends Rpc {
  readonly accepts = accepts;
  readonly limits;
  readonly nodes;
  readonly #keys: RingKey[];
  readonly #container: Docker.Container;

  constructor(
    name: string,
    args: RpcArgs & CreateArgs<z.output<typeof schema>, DockerRpcClasses>,
    opts: ComponentResourceOptions,
  ) {
    super(name, opts);
    const { context, settings, storage } = args;
    this.limits = args.limits;
    const children = new Children<DockerRpcClasses>(this, context, "rpc-docker", args.transform);
    this.nodes = children.nodes;

    const needs = handlerNeeds(context, args, { cloud: "none" });
    this.#keys = keyRing(children.as(), "gatewayKey", context.rotation);
    const gatewayKeys = Object.fromEntries(this.#keys.map(({ id, secret }) => [id, secret]));
    this.#container = context.hosts.docker().container(children, "handler", {
      image: settings.image,
      code: bundle(context.bundles, bundleNames.node(storage.store)),
      command: ["node", "/app/index.mjs"],
      env: { ...needs.env, PORT: String(PORT) },
      secrets: { INTEGRAVIZ_SECRETS: secretsJson({ ...needs.secrets, gatewayKeys }) },
      healthcheck: { test: ["CMD", "node", "-e", probe(PORT, HEALTHZ)], startSeconds: 10 },
      dependsOn: needs.ready,
    });
    this.registerOutputs({});
  }

  admit(auth: InvokeAuthKind, _caller: Caller): InvokeAuth {
    if (auth !== "shared-key") throw new Error(`docker takes no invoke auth "${auth}"`);
    const url = interpolate`http://${this.#container.name}:${PORT}`;
    return { auth, url, key: this.#keys[0]!.secret, ready: [this.#container] };
  }
}

/** A health check without curl, which the image lacks. */
export function probe(port: number, path: string): string {
  return `fetch("http://127.0.0.1:${port}${path}").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
}

export const docker = {
  schema,
  capabilities: {
    self: {
      providers: ["docker"],
      accepts,
      at: "docker",
      reaches: ["internet", "docker"],
      delivery: ["direct"],
      limits: { bodyBytes: 8_388_608, seconds: 3600, stream: "live" },
      host: "docker",
    },
  },
  host: () => "self",
  bundles: (store) => [bundleNames.node(store)],
  create: (name, args: RpcArgs & CreateArgs<z.output<typeof schema>, DockerRpcClasses>, opts): Rpc =>
    new DockerRpc(name, args, opts),
} satisfies RpcImplementation;
