import type { Input, Output, Resource } from "@pulumi/pulumi";
import type { In, NetworkAccess } from "../../link.ts";
import type { Children } from "../../making/children.ts";
import { type Aws, sdk } from "../../making/sdk.ts";

export interface NetworkClasses {
  vpc: typeof Aws.ec2.Vpc;
  gateway: typeof Aws.ec2.InternetGateway;
  address: typeof Aws.ec2.Eip;
  nat: typeof Aws.ec2.NatGateway;
  subnet: typeof Aws.ec2.Subnet;
  routes: typeof Aws.ec2.RouteTable;
  association: typeof Aws.ec2.RouteTableAssociation;
  clients: typeof Aws.ec2.SecurityGroup;
  clientsEgress: typeof Aws.vpc.SecurityGroupEgressRule;
}

export interface AdoptedVpc {
  id: In;
  /** At least two, in different zones, with a way out to the internet. */
  privateSubnetIds: Input<Input<string>[]>;
}

export type AwsNetwork = Extract<NetworkAccess, { via: "aws-vpc" }>;

/**
 * A VPC with two private subnets behind one NAT gateway, or the team's own; and the security group
 * of those who may speak to databases.
 */
export function awsNetwork(
  children: Children<NetworkClasses>,
  adopted: AdoptedVpc | undefined,
  kept: boolean,
): { access: AwsNetwork; ready: Resource[] } {
  const aws = sdk.aws();
  const { vpcId, subnetIds, ready } = adopted ? adopt(adopted) : createVpc(children, kept);
  const clients = children.make("clients", aws.ec2.SecurityGroup, {
    vpcId,
    description: "May speak to the databases and services of this deployment",
  });
  const egress = children.make("clientsEgress", aws.vpc.SecurityGroupEgressRule, {
    securityGroupId: clients.id,
    ipProtocol: "-1",
    cidrIpv4: "0.0.0.0/0",
    description: "Out to databases, AWS and the other clouds",
  });
  return { access: { via: "aws-vpc", vpcId, subnetIds, clientSecurityGroupId: clients.id }, ready: [...ready, egress] };
}

function adopt(vpc: AdoptedVpc): { vpcId: In; subnetIds: Input<Input<string>[]>; ready: Resource[] } {
  return { vpcId: vpc.id, subnetIds: vpc.privateSubnetIds, ready: [] };
}

function createVpc(
  children: Children<NetworkClasses>,
  kept: boolean,
): {
  vpcId: Output<string>;
  subnetIds: Output<string>[];
  ready: Resource[];
} {
  const aws = sdk.aws();
  const { owner } = children;
  const zones = aws.getAvailabilityZonesOutput(
    // In accounts that opted in, Local Zones come first, which offer no NAT gateway and no RDS.
    { state: "available", filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }] },
    { parent: owner },
  ).names;
  const vpc = children.make(
    "vpc",
    aws.ec2.Vpc,
    { cidrBlock: "10.42.0.0/16", enableDnsHostnames: true, enableDnsSupport: true },
    { retainOnDelete: kept },
  );
  const gateway = children.make("gateway", aws.ec2.InternetGateway, { vpcId: vpc.id });
  const publicRoutes = children.make(
    "routes",
    aws.ec2.RouteTable,
    { vpcId: vpc.id, routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }] },
    { each: "public" },
  );
  const subnet = (each: string, cidrBlock: string, zone: number, retainOnDelete = false) =>
    children.make(
      "subnet",
      aws.ec2.Subnet,
      { vpcId: vpc.id, cidrBlock, availabilityZone: zones.apply((names) => names[zone]!) },
      // A region may gain a zone, which would move every subnet.
      { each, retainOnDelete, ignoreChanges: ["availabilityZone"] },
    );
  const publicSubnet = subnet("public-a", "10.42.0.0/24", 0);
  children.make(
    "association",
    aws.ec2.RouteTableAssociation,
    { subnetId: publicSubnet.id, routeTableId: publicRoutes.id },
    { each: "public-a" },
  );

  const address = children.make("address", aws.ec2.Eip, { domain: "vpc" });
  const nat = children.make(
    "nat",
    aws.ec2.NatGateway,
    { subnetId: publicSubnet.id, allocationId: address.id },
    { dependsOn: [gateway] },
  );
  const privateRoutes = children.make(
    "routes",
    aws.ec2.RouteTable,
    { vpcId: vpc.id, routes: [{ cidrBlock: "0.0.0.0/0", natGatewayId: nat.id }] },
    { each: "private" },
  );
  const privates = (["a", "b"] as const).map((letter, zone) => {
    const made = subnet(`private-${letter}`, `10.42.${16 * (zone + 1)}.0/20`, zone, kept);
    const routed = children.make(
      "association",
      aws.ec2.RouteTableAssociation,
      { subnetId: made.id, routeTableId: privateRoutes.id },
      { each: `private-${letter}` },
    );
    return { id: made.id, routed };
  });
  return { vpcId: vpc.id, subnetIds: privates.map(({ id }) => id), ready: privates.map(({ routed }) => routed) };
}
