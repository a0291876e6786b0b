import type { Roles } from "../../contract/environment.ts";
import type { DriverLogin } from "../adapters/environment.ts";
import type { MetricMistake } from "./custom-metrics.ts";
import type { Store } from "./store.ts";

/**
 * What a store gives to the bundles that run on it: the file `deployed.ts` of
 * its folder.
 */
export interface DeployedStore {
  /** Both logins with their secrets; nothing is connected before it is used. */
  open(logins: { writer: DriverLogin; reader: DriverLogin }): Store;
  /**
   * Whether an answer to queued events may ask the store what was asked of their runs: not where a
   * query costs a second.
   */
  isControlCheap: boolean;
}

/**
 * Brings the schema up to date, forward only (see `Migrations`), then the custom metrics, and where
 * the store has no cloud that does it, its users too. Safe to run twice and from two places at
 * once. Gives the custom metrics that could not be made, which keeps nothing else from being there.
 */
export type Migration = (order: MigrationOrder) => Promise<MetricMistake[]>;

export interface MigrationOrder {
  owner: DriverLogin;
  roles: Roles | null;
  passwords: Passwords;
}

/** User -> password. */
export type Passwords = Record<string, string>;
