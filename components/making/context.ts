import type { Input, Output } from "@pulumi/pulumi";
import type { SigningKey } from "../../contract/tokens.ts";
import type { Hosts } from "../host/hosts.ts";

/** What every component of one deployment shares. */
export interface Context {
  /** `<project>-<stack>`: the start of every physical name. */
  prefix: string;
  /** On everything that can carry tags or labels. */
  tags: Record<string, string>;
  /** Folder of the functions' bundles. */
  bundles: string;
  /** Who is told of alarms; none: alarms stand in the console only. */
  alerts: { email?: Input<string> | undefined };
  hosts: Hosts;
  /** Which rotation of the keys is current. */
  rotation: number;
  /** The keys that sign and verify tokens, newest first. */
  tokenKeys: Output<SigningKey>[];
}
