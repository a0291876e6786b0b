import type { Output } from "@pulumi/pulumi";
import type { AwsHost } from "../host/aws/aws.ts";
import type { SqlServer } from "../host/host.ts";
import type { In } from "../link.ts";
import type { Children } from "../making/children.ts";
import { type Aws, sdk } from "../making/sdk.ts";

export interface AdoptAwsClasses {
  adoptedIngress: typeof Aws.vpc.SecurityGroupIngressRule;
}

/**
 * An RDS instance that is there already: nothing of it is changed but its security group, which
 * lets our clients in.
 */
export function adoptAws(
  host: AwsHost,
  children: Children<AdoptAwsClasses>,
  database: string,
  adopted: { address: In; user: In; password: Output<string>; securityGroupId: In },
): SqlServer {
  const access = host.networkAccess();
  const ingress = children.make("adoptedIngress", sdk.aws().vpc.SecurityGroupIngressRule, {
    securityGroupId: adopted.securityGroupId,
    referencedSecurityGroupId: access.clientSecurityGroupId,
    ipProtocol: "tcp",
    fromPort: 5432,
    toPort: 5432,
    description: "Functions, migrations and visualizer of Integraviz",
  });
  const { address, user, password } = adopted;
  return {
    login: { driver: "postgres", host: address, port: 5432, database, user, password, tls: { mode: "verify-full" } },
    access,
    ready: [ingress],
  };
}
