import type { ApiImplementation } from "./api/api.ts";
import * as api from "./api/index.ts";
import * as rpc from "./rpc/index.ts";
import type { RpcImplementation } from "./rpc/rpc.ts";
import * as storage from "./storage/index.ts";
import type { StorageImplementation } from "./storage/storage.ts";
import * as visualizer from "./visualizer/index.ts";
import type { VisualizerImplementation } from "./visualizer/visualizer.ts";

/** Implementations by component and kind. */
export interface Registries {
  api: Record<string, ApiImplementation>;
  rpc: Record<string, RpcImplementation>;
  storage: Record<string, StorageImplementation>;
  visualizer: Record<string, VisualizerImplementation>;
}

/**
 * Those that come with the package. Config, validation, swaps and documentation are derived from
 * here.
 */
export const registries = { api, rpc, storage, visualizer } satisfies Registries;

/** Implementations of a program's own, beside those that come with the package. */
export type OwnImplementations = Partial<Registries>;

/** @throws Error when one of them has the kind of one that comes with the package. */
export function withOwn(own: OwnImplementations = {}): Registries {
  return Object.fromEntries(
    componentNames.map((component) => {
      const known: Registries[typeof component] = registries[component];
      const taken = Object.keys(own[component] ?? {}).find((kind) => kind in known);
      if (taken !== undefined)
        throw new Error(
          `implementations.${component}.${taken}: the package has one of this kind: give yours another name`,
        );
      return [component, { ...known, ...own[component] }];
    }),
  ) as unknown as Registries;
}

export type ComponentName = keyof Registries;
export const componentNames = Object.keys(registries) as ComponentName[];
