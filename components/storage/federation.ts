import { interpolate, type Resource } from "@pulumi/pulumi";
import type { GcpHost } from "../host/gcp/gcp.ts";
import type { Login, Principal } from "../link.ts";
import type { Children } from "../making/children.ts";
import { type Gcp, type Random, sdk } from "../making/sdk.ts";

/** How a BigQuery login proves who it is. */
export type BigQueryAuth = Pick<Extract<Login, { driver: "bigquery" }>, "auth" | "key">;

export interface FederationClasses {
  poolSuffix: typeof Random.RandomId;
  pool: typeof Gcp.iam.WorkloadIdentityPool;
  poolProvider: typeof Gcp.iam.WorkloadIdentityPoolProvider;
  impersonation: typeof Gcp.serviceaccount.IAMMember;
}

/** The role's name in `arn:aws:sts::ACCOUNT:assumed-role/ROLE/FUNCTION`. */
const ROLE = "assertion.arn.extract('assumed-role/{role}/')";

/** Lets one AWS role act as a Google service account, without a key anywhere. */
export function federate(
  host: GcpHost,
  children: Children<FederationClasses>,
  from: Principal & { cloud: "aws" },
  to: Principal & { cloud: "gcp" },
  each: string,
): { auth: BigQueryAuth; ready: Resource[] } {
  const { pool, provider } = trustAws(host, children, from);
  const impersonation = children.make(
    "impersonation",
    sdk.gcp().serviceaccount.IAMMember,
    {
      serviceAccountId: interpolate`projects/${host.project}/serviceAccounts/${to.email}`,
      role: "roles/iam.workloadIdentityUser",
      member: interpolate`principalSet://iam.googleapis.com/${pool.name}/attribute.aws_role/${from.roleName}`,
    },
    { each },
  );
  const audience = interpolate`//iam.googleapis.com/${provider.name}`;
  return { auth: { auth: { by: "aws", audience, serviceAccount: to.email } }, ready: [impersonation] };
}

function trustAws(host: GcpHost, children: Children<FederationClasses>, from: Principal & { cloud: "aws" }) {
  const { pool: made, poolProvider } = children.nodes;
  if (made && poolProvider) return { pool: made, provider: poolProvider };
  const { iam } = sdk.gcp();
  // Google keeps the id of a deleted pool for 30 days, so a fixed one could not be made again after
  // a swap and back.
  const suffix = children.make("poolSuffix", sdk.random().RandomId, { byteLength: 3 });
  const pool = children.make(
    "pool",
    iam.WorkloadIdentityPool,
    {
      project: host.project,
      workloadIdentityPoolId: interpolate`integraviz-${suffix.hex}`,
      displayName: "Integraviz: AWS roles",
    },
    { dependsOn: [host.enable("iam"), host.enable("sts"), host.enable("iamcredentials")] },
  );
  const provider = children.make("poolProvider", iam.WorkloadIdentityPoolProvider, {
    project: host.project,
    workloadIdentityPoolId: pool.workloadIdentityPoolId,
    workloadIdentityPoolProviderId: "aws",
    aws: { accountId: from.accountId },
    attributeMapping: {
      // Of a function's whole ARN its name may be too much: Google takes a subject of 127 bytes.
      "google.subject": ROLE,
      "attribute.aws_role": ROLE,
    },
  });
  return { pool, provider };
}
