import { type ComponentResourceOptions, type Output, output } from "@pulumi/pulumi";
import type { HostKind } from "../host/host.ts";
import type { CreateArgs } from "../implementation.ts";
import type { NetworkAccess } from "../link.ts";
import { Children, type Transform } from "../making/children.ts";
import { applyDashboards } from "./dashboards.ts";
import {
  type HostedArgs,
  hostProduct,
  type OnAwsClasses,
  type OnDockerClasses,
  type OnGcpClasses,
  type OwnClasses,
  type Product,
} from "./hosted.ts";
import { type Target, Visualizer, type VisualizerArgs } from "./visualizer.ts";

/** Of its children, by the host: those that apply are those there. */
export type ProductClasses = OnAwsClasses | OnGcpClasses | OnDockerClasses;

/** The settings that Superset and Metabase have in common, parsed. */
export interface ProductSettings {
  host: HostKind | "external" | "preset";
  admin: string;
  aws: { allow: string[]; databaseClass: string; databaseStorageGb: number };
  gcp: { allow: string[]; databaseTier: string; databaseStorageGb: number };
  docker: { port?: number | undefined };
  /** A server that is there already, or a Preset workspace. */
  remote?: { url: string; user: string; password: Output<string> } | undefined;
}

/**
 * A product on one of our hosts, or one that somebody else runs: then only its login to the storage
 * is made. Either way dashboards are applied to it.
 */
export class ProductVisualizer extends Visualizer {
  readonly dashboardUrl: Output<string>;
  readonly target: Target;
  readonly nodes;

  constructor(
    name: string,
    product: Product,
    readsAs: HostedArgs["readsAs"],
    args: VisualizerArgs & CreateArgs<ProductSettings, ProductClasses>,
    opts: ComponentResourceOptions,
  ) {
    super(name, opts);
    const { context, settings, storage } = args;
    const stem = `visualizer-${product.name}`;
    const children = new Children<OnAwsClasses>(this, context, stem, args.transform as Transform<OnAwsClasses>);
    this.nodes = children.nodes;
    const { host, remote } = settings;

    if (host === "external" || host === "preset") {
      const { url, user, password } = remote!;
      const near = context.hosts.of(args.near);
      const access: NetworkAccess = { via: "internet" };
      const reader = storage.link("reader", { cloud: "none" }, "visualizer");
      const login = { by: host === "preset" ? "preset" : "password", user, password } as const;
      this.dashboardUrl = output(url);
      this.target = { product: product.name, url: this.dashboardUrl, site: this.dashboardUrl, login, reader };
      const principal = near.taskIdentity(children, "applier");
      applyDashboards(near, children, { target: this.target, principal, access, ready: [] });
    } else {
      const { service, applier, reader, admin } = hostProduct(children.as<OwnClasses>(), product, {
        context,
        host,
        allow: host === "docker" ? [] : settings[host].allow,
        localPort: settings.docker.port,
        database: {
          awsClass: settings.aws.databaseClass,
          gcpTier: settings.gcp.databaseTier,
          storageGb: settings[host === "gcp" ? "gcp" : "aws"].databaseStorageGb,
        },
        adminUser: settings.admin,
        storage,
        sqlAlchemy: args.sqlAlchemy,
        readsAs,
      });
      const { access, ...inside } = service.inside;
      this.dashboardUrl = service.url;
      const login = { by: "password", ...admin } as const;
      this.target = { product: product.name, ...inside, site: this.dashboardUrl, login, reader };
      applyDashboards(context.hosts.of(host), children, {
        target: this.target,
        principal: applier,
        access,
        ready: service.ready,
      });
    }
    this.registerOutputs({ dashboardUrl: this.dashboardUrl });
  }
}
