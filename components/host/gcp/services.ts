import { interpolate, type Output, type Resource } from "@pulumi/pulumi";
import type { Principal } from "../../link.ts";

/** A project, as far as one of its services needs it. */
export interface GcpServices {
  readonly project: string;
  readonly region: string;
  /** Switches a Google API on. */
  enable(service: string): Resource;
}

/** "serviceAccount:..." for IAM. */
export function memberOf(principal: Principal & { cloud: "gcp" }): Output<string> {
  return interpolate`serviceAccount:${principal.email}`;
}
