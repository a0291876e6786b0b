import { type ComponentResourceOptions, type Output, output } from "@pulumi/pulumi";
import {
  Api,
  type ApiArgs,
  type ApiImplementation,
  Children,
  type CreateArgs,
  type Docker,
  sdk,
  type Transform,
} from "integraviz/extend";
import { z } from "zod";

const schema = z.strictObject({
  /** A name that points at this machine. */
  domain: z.string(),
});

interface CaddyClasses {
  certificates: typeof Docker.Volume;
  proxy: typeof Docker.Container;
}

/** Caddy in a container, which gets and renews the certificate. */
class Caddy extends Api {
  readonly url: Output<string>;
  readonly nodes;

  constructor(name: string, args: ApiArgs & CreateArgs<z.output<typeof schema>>, opts: ComponentResourceOptions) {
    super(name, opts);
    const { context, settings, transform } = args;
    const children = new Children<CaddyClasses>(this, context, "api-caddy", transform as Transform<CaddyClasses>);
    this.nodes = children.nodes;

    const invokeAuth = args.rpc.admit(args.invokeAuth, { principal: { cloud: "none" } });
    if (invokeAuth.auth !== "shared-key") throw new Error(`caddy has no invoke auth "${invokeAuth.auth}"`);
    const key = "X-Integraviz-Key: {env.KEY}";
    context.hosts.docker().container(children, "proxy", {
      image: "caddy:2.10.2",
      command: ["caddy", "reverse-proxy", "--from", settings.domain, "--to", invokeAuth.url, "--header-up", key],
      env: {},
      secrets: { KEY: invokeAuth.key },
      ports: { inside: 443, outside: 443 },
      volumes: [{ volumeName: children.make("certificates", sdk.docker().Volume, {}).name, containerPath: "/data" }],
      dependsOn: invokeAuth.ready,
    });
    this.url = output(`https://${settings.domain}`);
    this.registerOutputs({ url: this.url });
  }
}

export const caddy = {
  schema,
  capabilities: {
    self: {
      providers: ["docker"],
      speaks: ["shared-key"],
      reaches: ["docker"],
      limits: { bodyBytes: 8_388_608, seconds: 3600, stream: "live" },
    },
  },
  host: () => "self",
  create: (name, args, opts): Api => new Caddy(name, args, opts),
} satisfies ApiImplementation;
