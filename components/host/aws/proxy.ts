import { jsonStringify, type Output, type Resource } from "@pulumi/pulumi";
import type { Children } from "../../making/children.ts";
import { type Aws, sdk } from "../../making/sdk.ts";
import type { AwsAccount } from "./account.ts";
import { trustService } from "./policy.ts";
import { awsSecret } from "./secret.ts";

export interface AwsProxyClasses {
  proxySecret: typeof Aws.secretsmanager.Secret;
  proxySecretValue: typeof Aws.secretsmanager.SecretVersion;
  proxyRole: typeof Aws.iam.Role;
  proxyFirewall: typeof Aws.ec2.SecurityGroup;
  proxyIngress: typeof Aws.vpc.SecurityGroupIngressRule;
  proxyEgress: typeof Aws.vpc.SecurityGroupEgressRule;
  proxyToDatabase: typeof Aws.vpc.SecurityGroupIngressRule;
  proxy: typeof Aws.rds.Proxy;
  proxyTargets: typeof Aws.rds.ProxyDefaultTargetGroup;
  proxyTarget: typeof Aws.rds.ProxyTarget;
  grant: typeof Aws.iam.RolePolicy;
}

/** RDS Proxy for these logins, which it knows by their passwords; every other goes around it. */
export function awsProxy(
  host: AwsAccount,
  children: Children<AwsProxyClasses>,
  instance: Aws.rds.Instance,
  passwords: Record<string, Output<string>>,
): { address: Output<string>; ready: Resource[] } {
  const aws = sdk.aws();
  const network = host.networkAccess();
  const databaseFirewall = instance.vpcSecurityGroupIds.apply((ids) => ids[0] as string);
  const secrets = Object.entries(passwords).map(([username, password]) =>
    awsSecret(children.as(), "proxySecret", jsonStringify({ username, password }), username.replaceAll("_", "-")),
  );
  const role = children.make("proxyRole", aws.iam.Role, {
    assumeRolePolicy: trustService("rds.amazonaws.com", host.accountId()),
  });
  const granted = host.grant(children, host.principalOf(role), "proxy", [
    { actions: ["secretsmanager:GetSecretValue"], resources: secrets.map(({ id }) => id) },
  ]);
  const firewall = children.make("proxyFirewall", aws.ec2.SecurityGroup, {
    vpcId: network.vpcId,
    description: "RDS Proxy",
  });
  const tcp = { ipProtocol: "tcp", fromPort: 5432, toPort: 5432 };
  const ingress = children.make("proxyIngress", aws.vpc.SecurityGroupIngressRule, {
    ...tcp,
    securityGroupId: firewall.id,
    referencedSecurityGroupId: network.clientSecurityGroupId,
  });
  const egress = children.make("proxyEgress", aws.vpc.SecurityGroupEgressRule, {
    ...tcp,
    securityGroupId: firewall.id,
    referencedSecurityGroupId: databaseFirewall,
  });
  const toDatabase = children.make("proxyToDatabase", aws.vpc.SecurityGroupIngressRule, {
    ...tcp,
    securityGroupId: databaseFirewall,
    referencedSecurityGroupId: firewall.id,
  });
  const proxy = children.make(
    "proxy",
    aws.rds.Proxy,
    {
      engineFamily: "POSTGRESQL",
      requireTls: true,
      roleArn: role.arn,
      vpcSubnetIds: network.subnetIds,
      vpcSecurityGroupIds: [firewall.id],
      auths: secrets.map(({ id }) => ({ authScheme: "SECRETS", iamAuth: "DISABLED", secretArn: id })),
    },
    { dependsOn: granted },
  );
  const targets = children.make("proxyTargets", aws.rds.ProxyDefaultTargetGroup, {
    dbProxyName: proxy.name,
    connectionPoolConfig: { maxConnectionsPercent: 80, connectionBorrowTimeout: 10 },
  });
  const target = children.make("proxyTarget", aws.rds.ProxyTarget, {
    dbProxyName: proxy.name,
    targetGroupName: targets.name,
    dbInstanceIdentifier: instance.identifier,
  });
  return { address: proxy.endpoint, ready: [ingress, egress, toDatabase, target] };
}
