import type { Output } from "@pulumi/pulumi";
import type { Principal } from "../../link.ts";
import { sdk } from "../../making/sdk.ts";
import type { HostChildren, SecretRef } from "../host.ts";
import { type GcpServices, memberOf } from "./services.ts";

/**
 * A secret in Secret Manager that exactly this account can read. Children: `key`, `keyValue`,
 * `keyReader`.
 */
export function gcpSecret(
  host: GcpServices,
  children: HostChildren,
  key: string,
  value: Output<string>,
  reader: Principal & { cloud: "gcp" },
  each?: string,
): SecretRef {
  const { secretmanager } = sdk.gcp();
  const eachOf = each === undefined ? {} : { each };
  const made = children.make(
    key,
    secretmanager.Secret,
    { project: host.project, replication: { auto: {} } },
    { ...eachOf, dependsOn: [host.enable("secretmanager")] },
  );
  const version = children.make(
    `${key}Value`,
    secretmanager.SecretVersion,
    { secret: made.id, secretData: value },
    eachOf,
  );
  const granted = children.make(
    `${key}Reader`,
    secretmanager.SecretIamMember,
    {
      project: host.project,
      secretId: made.secretId,
      role: "roles/secretmanager.secretAccessor",
      member: memberOf(reader),
    },
    eachOf,
  );
  return { id: made.secretId, version: version.version, ready: [version, granted] };
}
