import { createHash } from "node:crypto";
import { all, asset, interpolate, type Resource } from "@pulumi/pulumi";
import { bundle } from "../../bundle.ts";
import { type Gcp, sdk } from "../../making/sdk.ts";
import type { HostChildren, JobArgs } from "../host.ts";
import { NODE } from "../node.ts";
import type { GcpProject } from "./project.ts";
import { gcpSecret } from "./secret.ts";
import { memberOf } from "./services.ts";

export interface GcpJobClasses {
  onceSecret: typeof Gcp.secretmanager.Secret;
  onceSecretValue: typeof Gcp.secretmanager.SecretVersion;
  onceSecretReader: typeof Gcp.secretmanager.SecretIamMember;
  onceCode: typeof Gcp.storage.BucketObject;
  onceCodeReader: typeof Gcp.storage.BucketIAMMember;
  once: typeof Gcp.cloudrunv2.Job;
}

/**
 * A Cloud Run job on a plain Node image with the bundle mounted from the code bucket: nothing is
 * built. `runExecutionToken` waits for its end.
 */
export function gcpJob(host: GcpProject, children: HostChildren, args: JobArgs): Resource {
  const gcp = sdk.gcp();
  const { each, access, principal } = args;
  if (principal.cloud !== "gcp") throw new Error("a task on Google Cloud runs as a service account");
  const code = bundle(children.scope.bundles, args.bundles.node);
  const bucket = host.sources();
  const secret = gcpSecret(host, children, "onceSecret", args.secrets, principal, each);
  const object = children.make(
    "onceCode",
    gcp.storage.BucketObject,
    {
      bucket: bucket.name,
      name: `${code.name}/${code.hash}.mjs`,
      source: new asset.FileAsset(code.path),
      contentType: "text/javascript",
    },
    { each },
  );
  const reader = children.make(
    "onceCodeReader",
    gcp.storage.BucketIAMMember,
    { bucket: bucket.name, role: "roles/storage.objectViewer", member: memberOf(principal) },
    { each },
  );
  const token = all([secret.version, all(args.again)]).apply(([version, again]) =>
    createHash("sha256")
      .update(JSON.stringify([code.hash, version, again]))
      .digest("hex")
      .slice(0, 12),
  );
  return children.make(
    "once",
    gcp.cloudrunv2.Job,
    {
      project: host.project,
      location: host.region,
      deletionProtection: false,
      runExecutionToken: token,
      template: {
        template: {
          serviceAccount: principal.email,
          // Grants take minutes to spread; what asked too early asks again.
          maxRetries: 5,
          timeout: "600s",
          containers: [
            {
              image: NODE.jobImage,
              commands: ["node"],
              args: [interpolate`/code/${object.name}`],
              envs: [
                ...Object.entries(args.env).map(([name, value]) => ({ name, value })),
                {
                  name: "INTEGRAVIZ_SECRETS",
                  valueSource: { secretKeyRef: { secret: secret.id, version: secret.version } },
                },
              ],
              volumeMounts: [{ name: "code", mountPath: "/code" }],
            },
          ],
          volumes: [{ name: "code", gcs: { bucket: bucket.name, readOnly: true } }],
          ...(access.via === "gcp-vpc"
            ? {
                vpcAccess: {
                  egress: "PRIVATE_RANGES_ONLY",
                  networkInterfaces: [{ network: access.network, subnetwork: access.subnetwork }],
                },
              }
            : {}),
        },
      },
    },
    { each, dependsOn: [...secret.ready, reader, host.enable("run"), ...args.dependsOn] },
  );
}
