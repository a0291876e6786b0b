/** A VPC with two private subnets, and a stack on AWS in it. */
import * as aws from "@pulumi/aws";
import { Integraviz } from "integraviz";

const zones = ["eu-central-1a", "eu-central-1b"];
const vpc = new aws.ec2.Vpc("lab", { cidrBlock: "10.20.0.0/16", enableDnsHostnames: true });

const gateway = new aws.ec2.InternetGateway("lab", { vpcId: vpc.id });
const outside = new aws.ec2.Subnet("public", { vpcId: vpc.id, cidrBlock: "10.20.0.0/24", availabilityZone: zones[0] });
const outsideRoutes = new aws.ec2.RouteTable("public", {
  vpcId: vpc.id,
  routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
});
new aws.ec2.RouteTableAssociation("public", { subnetId: outside.id, routeTableId: outsideRoutes.id });
const address = new aws.ec2.Eip("nat", { domain: "vpc" }, { dependsOn: gateway });
const nat = new aws.ec2.NatGateway("nat", { subnetId: outside.id, allocationId: address.id });

const insideRoutes = new aws.ec2.RouteTable("private", {
  vpcId: vpc.id,
  routes: [{ cidrBlock: "0.0.0.0/0", natGatewayId: nat.id }],
});
const subnets = zones.map((availabilityZone, i) => {
  const cidrBlock = `10.20.${i + 1}.0/24`;
  return new aws.ec2.Subnet(`private-${i}`, { vpcId: vpc.id, cidrBlock, availabilityZone });
});
const routes = subnets.map(
  (subnet, i) =>
    new aws.ec2.RouteTableAssociation(`private-${i}`, { subnetId: subnet.id, routeTableId: insideRoutes.id }),
);

const events = new Integraviz(
  "events",
  {
    api: { kind: "api-gateway" },
    rpc: { kind: "lambda", delivery: "queued" },
    storage: { kind: "postgres", postgres: { host: "aws" } },
    visualizer: { kind: "metabase", metabase: { host: "aws" } },
    hosts: { aws: { vpc: { id: vpc.id, privateSubnetIds: subnets.map(({ id }) => id) } } },
  },
  { dependsOn: routes },
);
export const { url, token, dashboardUrl } = events;
