import { h } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import { MOST_RUNS } from "./selection.ts";

/**
 * Creates a box that puts a run into the charts or takes it out; the choice starts from what is
 * shown.
 */
export function runBox(context: PageContext, run: string): HTMLInputElement {
  const box = h("input", { type: "checkbox", onchange: toggle });
  function toggle() {
    const others = context.shown().flatMap((one) => (one.run === run ? [] : [one.run]));
    if (!box.checked) return context.view.set({ runs: others });
    if (others.length < MOST_RUNS) return context.view.set({ runs: [...others, run] });
    box.checked = false;
    context.notify(`${MOST_RUNS} runs are in the charts, and no more can be.`, "info", "Take one out first.");
  }
  return box;
}

/** Shows a run in the gauges, alone unless it is among those compared. */
export function lookAt(context: PageContext, run: string) {
  const compared = context.shown().some((one) => one.run === run) && context.view.get().runs !== null;
  context.view.set(compared ? { focus: run } : { runs: [run], focus: run });
}
