import type { RunWithSummary } from "../../../functions/stores/store.ts";
import type { Axis } from "../view.ts";
import { axesFor } from "./selection.ts";

/**
 * Creates the choice of an x axis where the view names none. It is made when runs are chosen and
 * kept while they grow: an axis does not change under the reader, unless it turns out to be empty.
 */
export function createAxisChoice(isEmpty: (axis: Axis) => boolean) {
  let chosen: { runs: string; axes: Axis[] } | null = null;

  return {
    get: (): Axis => chosen?.axes[0] ?? "epoch",
    update(runs: readonly RunWithSummary[]) {
      const ids = runs.map((run) => run.run).join("\n");
      const hasValues = runs.some((run) => run.summary.length > 0);
      if (chosen?.runs !== ids) chosen = hasValues ? { runs: ids, axes: axesFor(runs) } : null;
      else if (chosen.axes.length > 1 && isEmpty(chosen.axes[0]!)) chosen.axes.shift();
    },
  };
}
