import type { Resource } from "@pulumi/pulumi";
import type { In, NetworkAccess } from "../../link.ts";
import type { Children } from "../../making/children.ts";
import { type Gcp, sdk } from "../../making/sdk.ts";
import type { GcpServices } from "./services.ts";

export interface NetworkClasses {
  network: typeof Gcp.compute.Network;
  subnetwork: typeof Gcp.compute.Subnetwork;
  peeringRange: typeof Gcp.compute.GlobalAddress;
  peering: typeof Gcp.servicenetworking.Connection;
}

export interface AdoptedNetwork {
  /** Self link of the VPC network, already peered with servicenetworking.googleapis.com. */
  network: In;
  subnetwork: In;
}

export type GcpNetwork = Extract<NetworkAccess, { via: "gcp-vpc" }>;

/**
 * A VPC network peered with Google's service network, where Cloud SQL gets its private address; or
 * the team's own.
 */
export function gcpNetwork(
  host: GcpServices,
  children: Children<NetworkClasses>,
  adopted: AdoptedNetwork | undefined,
  retainOnDelete: boolean,
): { access: GcpNetwork; ready: Resource[] } {
  if (adopted) return { access: { via: "gcp-vpc", ...adopted }, ready: [] };
  const gcp = sdk.gcp();
  const { project, region } = host;
  const enabled = [host.enable("compute"), host.enable("servicenetworking")];
  const network = children.make(
    "network",
    gcp.compute.Network,
    { project, autoCreateSubnetworks: false },
    { retainOnDelete, dependsOn: enabled },
  );
  const subnetwork = children.make(
    "subnetwork",
    gcp.compute.Subnetwork,
    {
      project,
      network: network.id,
      region,
      ipCidrRange: "10.43.0.0/22",
      privateIpGoogleAccess: true,
    },
    { retainOnDelete },
  );
  const range = children.make(
    "peeringRange",
    gcp.compute.GlobalAddress,
    {
      project,
      purpose: "VPC_PEERING",
      addressType: "INTERNAL",
      prefixLength: 20,
      network: network.id,
    },
    { retainOnDelete },
  );
  const peering = children.make(
    "peering",
    gcp.servicenetworking.Connection,
    {
      network: network.id,
      service: "servicenetworking.googleapis.com",
      reservedPeeringRanges: [range.name],
      // Google refuses to delete it for days after the last Cloud SQL has gone; it goes with the
      // network.
      deletionPolicy: "ABANDON",
    },
    { retainOnDelete },
  );
  return { access: { via: "gcp-vpc", network: network.id, subnetwork: subnetwork.id }, ready: [peering] };
}
