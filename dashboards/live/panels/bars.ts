import type { SqlResult } from "../../../functions/stores/store.ts";
import type { PanelOf } from "../../spec.ts";
import { isTooLarge } from "../charts/axes.ts";
import { formatShort } from "../layout/format.ts";
import { cellNumber } from "../sql/columns.ts";

export type Bar = [name: string, value: number | null];

/**
 * The rows of a panel as bars, in their order: the value of each run or whatever is compared, or
 * how many values lie in each bin. Two runs of one name keep their ids.
 */
export function panelBars(
  panel: Pick<PanelOf<"compare">, "kind" | "by"> | Pick<PanelOf<"distribution">, "kind">,
  { rows }: SqlResult,
  nameOf: (run: string) => string,
): Bar[] {
  const raw = rows.map(([key]) => key);
  const names =
    panel.kind === "distribution"
      ? distinct(raw, (key) => formatShort(cellNumber(key) ?? Number.NaN))
      : panel.by === "run"
        ? distinct(raw, (key) => nameOf(String(key)))
        : distinct(raw, String);
  return rows.map(([, cell], index): Bar => {
    const value = cellNumber(cell);
    return [names[index]!, isTooLarge(value) ? null : value];
  });
}

/** Names, where each is another; else what they are names of. */
function distinct(keys: readonly unknown[], nameOf: (key: unknown) => string): string[] {
  const names = keys.map(nameOf);
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.map((name, index) => (counts.get(name) === 1 ? name : String(keys[index])));
}
