import { type Input, jsonStringify, type Output, type Resource } from "@pulumi/pulumi";
import { bundleNames, type StoreKind } from "../bundle.ts";
import { type Secrets, secretsJson, storeEnvironment, storeSecrets } from "../environment.ts";
import type { Host, HostChildren } from "../host/host.ts";
import type { Login, NetworkAccess, Principal } from "../link.ts";

export interface MigrationArgs {
  store: StoreKind;
  /** The owner's login, which nobody else is given. */
  owner: Login;
  principal: Principal;
  access: NetworkAccess;
  /** Logins to make, newest first, and their passwords. PostgreSQL only. */
  roles?: { users: { writer: string[]; reader: string[] }; passwords: Record<string, Output<string>> };
  dependsOn: Resource[];
}

/** Brings the schema up to date: after the storage exists, before anyone is given a login, once per content. */
export function migrate(host: Host, children: HostChildren, args: MigrationArgs): Resource {
  const secrets: Secrets = { ...storeSecrets(args.owner), ...(args.roles ? { roles: args.roles.passwords } : {}) };
  const roles: Record<string, Input<string>> = args.roles ? { INTEGRAVIZ_ROLES: JSON.stringify(args.roles.users) } : {};
  const env = { ...storeEnvironment(args.owner), ...roles };
  return host.job(children, {
    each: "migrate",
    bundles: { aws: bundleNames.lambdaMigrate(args.store), node: bundleNames.nodeMigrate(args.store) },
    env,
    secrets: secretsJson(secrets),
    principal: args.principal,
    access: args.access,
    again: { target: jsonStringify(env) },
    dependsOn: args.dependsOn,
  });
}
