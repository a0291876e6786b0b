import type { ApiImplementation } from "./api/api.ts";
import * as api from "./api/index.ts";
import * as rpc from "./rpc/index.ts";
import type { RpcImplementation } from "./rpc/rpc.ts";
import * as storage from "./storage/index.ts";
import type { StorageImplementation } from "./storage/storage.ts";
import * as visualizer from "./visualizer/index.ts";
import type { VisualizerImplementation } from "./visualizer/visualizer.ts";

/** All implementations, by component and kind. Config, validation, swaps and documentation are derived from here. */
export const registries = { api, rpc, storage, visualizer } satisfies {
  api: Record<string, ApiImplementation>;
  rpc: Record<string, RpcImplementation>;
  storage: Record<string, StorageImplementation>;
  visualizer: Record<string, VisualizerImplementation>;
};

export type ComponentName = keyof typeof registries;
export const componentNames = Object.keys(registries) as ComponentName[];
