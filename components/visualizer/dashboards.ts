import { jsonStringify, type Resource } from "@pulumi/pulumi";
import { bundleNames } from "../bundle.ts";
import { readerEnvironment, readerSecrets, secretsJson } from "../environment.ts";
import type { Host, HostChildren } from "../host/host.ts";
import type { NetworkAccess, Principal } from "../link.ts";
import type { Target } from "./visualizer.ts";

export interface DashboardsArgs {
  target: Target;
  /** Whom the step runs as, and the network it needs to reach the visualizer. */
  principal: Principal;
  access: NetworkAccess;
  /** The visualizer, where we make it. */
  ready: Resource[];
}

/** Applies dashboards: once the visualizer answers, and again when the step's content, the visualizer or the reader's login changes. */
export function applyDashboards(host: Host, children: HostChildren, args: DashboardsArgs): Resource {
  const { product, url, login, iap, reader } = args.target;
  const { password, ...who } = login;
  const env = {
    INTEGRAVIZ_VISUALIZER: jsonStringify({
      product,
      name: children.context.prefix,
      url,
      ...who,
      ...(iap ? { iap } : {}),
    }),
    ...readerEnvironment(reader.login),
  };
  return host.job(children, {
    each: "dashboards",
    bundles: { aws: bundleNames.lambdaDashboards(), node: bundleNames.nodeDashboards() },
    env,
    secrets: secretsJson({ ...readerSecrets(reader.login), visualizer: { password } }),
    principal: args.principal,
    access: args.access,
    again: { target: jsonStringify(env) },
    dependsOn: [...reader.ready, ...args.ready],
  });
}
