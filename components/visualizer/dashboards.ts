import { jsonStringify, type Output, type Resource, secret } from "@pulumi/pulumi";
import { bundleNames } from "../../contract/bundles.ts";
import { loginEnvironment, secretsJson, variable } from "../environment.ts";
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

/**
 * Applies dashboards: once the visualizer answers, and again when the step's content, the
 * visualizer or the reader's login changes.
 */
export function applyDashboards(host: Host, children: HostChildren, args: DashboardsArgs): Resource {
  const { product, url, site, login, iap, reader } = args.target;
  const { password, ...who } = login;
  const { env: readerEnv, secrets } = loginEnvironment("reader", reader.login);
  const visualizer = { product, name: children.scope.prefix, url, site, ...who, ...(iap ? { iap } : {}) };
  const env = { ...variable("INTEGRAVIZ_VISUALIZER", visualizer), ...readerEnv };
  return host.job(children, {
    each: "dashboards",
    bundles: { aws: bundleNames.lambdaDashboards(), node: bundleNames.nodeDashboards() },
    env,
    secrets: secretsJson({ ...secrets, visualizer: { password } }),
    principal: args.principal,
    access: args.access,
    again: { target: jsonStringify(env) },
    dependsOn: [...reader.ready, ...args.ready],
  });
}

/** The same for who applies them by hand, from where people are. Secret. */
export function dashboardsLogin({ product, site, login, iap, reader }: Target, name: string): Output<unknown> {
  return secret({ product, name, url: site, ...login, ...(iap ? { iap } : {}), reader: reader.login });
}
