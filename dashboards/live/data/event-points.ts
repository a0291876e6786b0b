import { LEVELS, splitKey } from "../../../functions/stores/metric-keys.ts";
import type { Level, Split, StreamedEvent } from "../../../functions/stores/store.ts";
import { numberOf } from "./numbers.ts";

/** One value of one metric in a streamed event. */
export interface Point {
  metric: string;
  split: Split;
  level: Level;
  value: number;
}

export type XKind = "epoch" | "step" | "time";

/**
 * The metrics in an event, as the `metrics` view has them: `val_loss` is `loss` of the split
 * `validation`.
 */
export function pointsOf(event: StreamedEvent): Point[] {
  const kind = LEVELS[event.kind];
  if (!kind || !event.logs) return [];
  return Object.entries(event.logs).flatMap(([key, logged]) => {
    const value = numberOf(logged);
    if (value === undefined) return [];
    const { metric, split } = splitKey(key);
    return [{ metric, split: split ?? kind.split, level: kind.level, value }];
  });
}

/** The x of an event on an axis; null where it does not say. */
export function xOf(event: StreamedEvent, x: XKind): number | null {
  if (x === "time") return event.at;
  const value = x === "epoch" ? event.epoch : event.step;
  return numberOf(value) ?? null;
}
