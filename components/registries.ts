import { apis } from "./api/index.ts";
import { rpcs } from "./rpc/index.ts";
import { storages } from "./storage/index.ts";
import { visualizers } from "./visualizer/index.ts";

/** All implementations, by component and kind. Config, validation, swaps and documentation are derived from here. */
export const registries = { api: apis, rpc: rpcs, storage: storages, visualizer: visualizers };

export type ComponentName = keyof typeof registries;
export const componentNames = Object.keys(registries) as ComponentName[];
