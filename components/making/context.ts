import type { Output } from "@pulumi/pulumi";
import type { SigningKey } from "../../contract/tokens.ts";
import type { Hosts } from "../host/hosts.ts";
import type { Scope } from "./scope.ts";

/** What every component of one deployment shares. */
export interface Context extends Scope {
  hosts: Hosts;
  /** Which rotation of the keys is current. */
  rotation: number;
  /** The keys that sign and verify tokens, newest first. */
  tokenKeys: Output<SigningKey>[];
}
