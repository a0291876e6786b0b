/**
 * What an implementation can do, as data: checked before any resource is made, and printed into the
 * documentation.
 */
import type { Limits } from "../../contract/limits.ts";
import type { HostKind } from "../host/host.ts";
import type { InvokeAuthKind, Network } from "../link.ts";

export type Provider = "aws" | "gcp" | "docker";
export type Delivery = "direct" | "queued";

interface Common {
  /** Providers whose configuration must be there. */
  providers: readonly Provider[];
}

export interface ApiCapabilities extends Common {
  /** Invoke auths it can prove itself by, best first. */
  speaks: readonly InvokeAuthKind[];
  /** Networks it can send a request into. */
  reaches: readonly Network[];
  limits: Limits;
}

export interface RpcCapabilities extends Common {
  accepts: readonly InvokeAuthKind[];
  /** Where it listens. */
  at: Network;
  /** Networks it can open a SQL connection into. */
  reaches: readonly Network[];
  delivery: readonly Delivery[];
  limits: Limits;
  /** Whose tasks run next to it, for stores that live nowhere. */
  host: HostKind;
}

export interface StorageCapabilities extends Common {
  /** Where its SQL port is. */
  at: Network;
  /** The host that its migrations run on; none: next to the RPC. */
  host?: HostKind;
  /** Visualizers that have no driver for it. */
  unread?: readonly string[];
}

export interface VisualizerCapabilities extends Common {
  /** Networks it can open a SQL connection into. */
  reaches: readonly Network[];
  /** The host that it runs on; none: dashboards are applied from next to the RPC. */
  host?: HostKind;
}

/** By component. */
export interface Capabilities {
  api: ApiCapabilities;
  rpc: RpcCapabilities;
  storage: StorageCapabilities;
  visualizer: VisualizerCapabilities;
}
