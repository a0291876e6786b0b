import { metabase } from "./metabase.ts";
import { superset } from "./superset.ts";
import type { VisualizerImplementation } from "./visualizer.ts";

export const visualizers = { superset, metabase } satisfies Record<string, VisualizerImplementation>;
