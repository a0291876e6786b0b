import type { LineSettings } from "../../../../dashboards/live/charts/lines.ts";
import { createSeriesStore } from "../../../../dashboards/live/data/series-store.ts";
import { streamedEvent } from "../data/events.ts";

export const plain: LineSettings = { x: "epoch", smoothing: 0, splits: "all", groupBy: null, band: "std" };

export function storeWith(axis: "epoch" | "step" | "time", ...events: Parameters<typeof streamedEvent>[0][]) {
  const store = createSeriesStore(500);
  store.replace(axis, []);
  for (const event of events) store.append(streamedEvent(event), () => true);
  return store;
}
