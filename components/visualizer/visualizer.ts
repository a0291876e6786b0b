import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { VisualizerCapabilities } from "../capabilities.ts";
import type { AnyImplementation } from "../implementation.ts";
import type { SqlLink, StorageLinks } from "../link.ts";

/** What the step that applies dashboards needs: where to, as whom, and how the visualizer reads the storage. */
export interface Target {
  product: "superset" | "metabase";
  url: Output<string>;
  /** Preset's API takes a token's name and secret, the others an administrator. */
  login: { user: Input<string>; password: Output<string> };
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

export interface VisualizerArgs {
  storage: StorageLinks;
}

export type VisualizerImplementation = AnyImplementation<VisualizerCapabilities, VisualizerArgs, Visualizer>;
