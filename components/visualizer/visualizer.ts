import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { VisualizerCapabilities } from "../checking/capabilities.ts";
import type { HostKind } from "../host/host.ts";
import type { AnyImplementation } from "../implementation.ts";
import type { In, SqlLink, StorageLinks } from "../link.ts";
import type { SqlAlchemyDriver } from "../storage/storage.ts";

/**
 * What the step that applies dashboards needs: where to, as whom, and how the visualizer reads the
 * storage.
 */
export interface Target {
  product: "superset" | "metabase";
  /** Where the step reaches it, which need not be where people do. */
  url: Output<string>;
  /** Where people open it. */
  site: Output<string>;
  /** Preset's API takes a token's name and secret, the others an administrator. */
  login: { by: "password" | "preset"; user: Input<string>; password: Output<string> };
  /** The service account that signs for Identity-Aware Proxy, where that stands before it. */
  iap?: In;
  reader: SqlLink<"reader">;
}

/** Dashboards over the storage's views. It reads; nothing of it can write an event. */
export abstract class Visualizer extends ComponentResource {
  static readonly type = "integraviz:visualizer:Visualizer";
  abstract readonly dashboardUrl: Output<string>;
  abstract readonly target: Target;

  constructor(name: string, opts: ComponentResourceOptions) {
    super(Visualizer.type, name, {}, opts);
  }
}

/** What every visualizer is given: the storage it reads. */
export interface VisualizerArgs {
  storage: StorageLinks;
  /** What Superset reads the storage by. */
  sqlAlchemy: SqlAlchemyDriver;
  /**
   * The host of the RPC: where dashboards are applied from when the visualizer is somebody else's.
   */
  near: HostKind;
}

/** All that is known of one kind of visualizer. */
export type VisualizerImplementation = AnyImplementation<VisualizerCapabilities, VisualizerArgs, Visualizer>;
