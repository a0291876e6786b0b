import { jsonStringify, type Output, type Resource } from "@pulumi/pulumi";
import { bundleNames } from "../../contract/bundles.ts";
import type { StoreKind } from "../../contract/login.ts";
import { loginEnvironment, type Secrets, secretsJson, variable } from "../environment.ts";
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

/**
 * Brings the schema up to date: after the storage exists, before anyone is given a login, once per
 * content.
 */
export function migrate(host: Host, children: HostChildren, args: MigrationArgs): Resource {
  const { roles } = args;
  const owner = loginEnvironment("store", args.owner);
  const secrets: Secrets = { ...owner.secrets, ...(roles ? { roles: roles.passwords } : {}) };
  const env = { ...owner.env, ...(roles ? variable("INTEGRAVIZ_ROLES", roles.users) : {}) };
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
