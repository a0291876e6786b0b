import { interpolate, type Output, type Resource } from "@pulumi/pulumi";
import type { Children } from "../../making/children.ts";
import { type Aws, sdk } from "../../making/sdk.ts";
import type { ServiceArgs } from "../host.ts";
import type { AwsAccount } from "./account.ts";
import type { AwsNetwork } from "./network.ts";

export interface CloudFrontClasses {
  balancerFirewall: typeof Aws.ec2.SecurityGroup;
  balancerIngress: typeof Aws.vpc.SecurityGroupIngressRule;
  balancerInside: typeof Aws.vpc.SecurityGroupIngressRule;
  balancerEgress: typeof Aws.vpc.SecurityGroupEgressRule;
  serviceFirewall: typeof Aws.ec2.SecurityGroup;
  serviceIngress: typeof Aws.vpc.SecurityGroupIngressRule;
  balancer: typeof Aws.lb.LoadBalancer;
  target: typeof Aws.lb.TargetGroup;
  listener: typeof Aws.lb.Listener;
  people: typeof Aws.wafv2.IpSet;
  firewall: typeof Aws.wafv2.WebAcl;
  origin: typeof Aws.cloudfront.VpcOrigin;
  distribution: typeof Aws.cloudfront.Distribution;
  serviceErrors: typeof Aws.cloudwatch.MetricAlarm;
}

export interface CloudFront {
  url: Output<string>;
  /** The load balancer's own address, for tasks in the network. */
  insideUrl: Output<string>;
  targetGroupArn: Output<string>;
  /** The security group that lets the load balancer in. */
  behind: Output<string>;
  ready: Resource[];
}

/**
 * TLS without a domain of one's own: CloudFront reaches a private load balancer through a VPC
 * origin, and a firewall admits only the listed CIDRs.
 */
export function createCloudFront(
  host: AwsAccount,
  children: Children<CloudFrontClasses>,
  args: ServiceArgs,
  network: AwsNetwork,
): CloudFront {
  const aws = sdk.aws();
  const { balancer, target, behind, listener, inside } = createBalancer(host, children, args, network);
  const firewall = createFirewall(children, args.allow);
  const origin = children.make(
    "origin",
    aws.cloudfront.VpcOrigin,
    {
      vpcOriginEndpointConfig: {
        name: `${children.scope.prefix}-${children.stem}`,
        arn: balancer.arn,
        httpPort: 80,
        httpsPort: 443,
        originProtocolPolicy: "http-only",
        originSslProtocols: { items: ["TLSv1.2"], quantity: 1 },
      },
    },
    { dependsOn: [listener] },
  );
  const distribution = children.make("distribution", aws.cloudfront.Distribution, {
    enabled: true,
    comment: `${children.scope.prefix} ${children.stem}`,
    webAclId: firewall.arn,
    httpVersion: "http2and3",
    isIpv6Enabled: false,
    origins: [
      {
        originId: "service",
        domainName: balancer.dnsName,
        vpcOriginConfig: { vpcOriginId: origin.id, originReadTimeout: 60 },
      },
    ],
    defaultCacheBehavior: {
      targetOriginId: "service",
      viewerProtocolPolicy: "redirect-to-https",
      allowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
      cachedMethods: ["GET", "HEAD"],
      compress: true,
      // AWS's own policies CachingDisabled and AllViewer.
      cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      originRequestPolicyId: "216adef6-5c7f-47e4-b989-5492eafa07d3",
    },
    restrictions: { geoRestriction: { restrictionType: "none" } },
    viewerCertificate: { cloudfrontDefaultCertificate: true },
  });
  return {
    url: interpolate`https://${distribution.domainName}`,
    insideUrl: interpolate`http://${balancer.dnsName}`,
    targetGroupArn: target.arn,
    behind,
    ready: [listener, inside],
  };
}

function createBalancer(
  host: AwsAccount,
  children: Children<CloudFrontClasses>,
  args: ServiceArgs,
  network: AwsNetwork,
) {
  const aws = sdk.aws();
  const edge = aws.ec2.getManagedPrefixListOutput(
    { name: "com.amazonaws.global.cloudfront.origin-facing" },
    { parent: children.owner },
  );
  const front = children.make("balancerFirewall", aws.ec2.SecurityGroup, {
    vpcId: network.vpcId,
    description: "VPC origins of CloudFront, and the tasks of this deployment",
  });
  const { SecurityGroupIngressRule: Ingress, SecurityGroupEgressRule: Egress } = aws.vpc;
  const rule = (of: Aws.ec2.SecurityGroup, port: number, description: string) => ({
    securityGroupId: of.id,
    ipProtocol: "tcp",
    fromPort: port,
    toPort: port,
    description,
  });
  children.make("balancerIngress", Ingress, { ...rule(front, 80, "From CloudFront"), prefixListId: edge.id });
  const inside = children.make("balancerInside", Ingress, {
    ...rule(front, 80, "From the step that applies dashboards"),
    referencedSecurityGroupId: network.clientSecurityGroupId,
  });
  const behind = children.make("serviceFirewall", aws.ec2.SecurityGroup, {
    vpcId: network.vpcId,
    description: "From the load balancer only",
  });
  children.make("balancerEgress", Egress, {
    ...rule(front, args.port, "To the service"),
    referencedSecurityGroupId: behind.id,
  });
  children.make("serviceIngress", Ingress, {
    ...rule(behind, args.port, "From the load balancer"),
    referencedSecurityGroupId: front.id,
  });
  const balancer = children.make("balancer", aws.lb.LoadBalancer, {
    internal: true,
    loadBalancerType: "application",
    securityGroups: [front.id],
    subnets: network.subnetIds,
    dropInvalidHeaderFields: true,
    idleTimeout: 60,
  });
  const target = children.make(
    "target",
    aws.lb.TargetGroup,
    {
      vpcId: network.vpcId,
      port: args.port,
      protocol: "HTTP",
      targetType: "ip",
      deregistrationDelay: 30,
      healthCheck: { path: args.health, matcher: "200", interval: 30, healthyThreshold: 2, unhealthyThreshold: 5 },
    },
    { immutable: args.port },
  );
  const listener = children.make("listener", aws.lb.Listener, {
    loadBalancerArn: balancer.arn,
    port: 80,
    protocol: "HTTP",
    defaultActions: [{ type: "forward", targetGroupArn: target.arn }],
  });
  host.alarm(children, "serviceErrors", {
    description: `${children.stem}: the dashboard answers with errors`,
    namespace: "AWS/ApplicationELB",
    metric: "HTTPCode_Target_5XX_Count",
    dimensions: { LoadBalancer: balancer.arnSuffix },
    statistic: "Sum",
    above: 10,
    minutes: 5,
  });
  return { balancer, target, listener, inside, behind: behind.id };
}

function createFirewall(children: Children<CloudFrontClasses>, cidrs: string[]) {
  const aws = sdk.aws();
  const metrics = (metricName: string) => ({
    cloudwatchMetricsEnabled: true,
    sampledRequestsEnabled: true,
    metricName,
  });
  // CloudFront's firewalls live in us-east-1, whatever the region of the rest.
  const region = "us-east-1";
  const people = children.make("people", aws.wafv2.IpSet, {
    region,
    scope: "CLOUDFRONT",
    ipAddressVersion: "IPV4",
    addresses: cidrs,
  });
  return children.make("firewall", aws.wafv2.WebAcl, {
    region,
    scope: "CLOUDFRONT",
    defaultAction: { block: {} },
    rules: [
      {
        name: "people",
        priority: 0,
        action: { allow: {} },
        statement: { ipSetReferenceStatement: { arn: people.arn } },
        visibilityConfig: metrics("people"),
      },
    ],
    visibilityConfig: metrics("firewall"),
  });
}
