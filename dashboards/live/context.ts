import type { RunWithSummary } from "../../functions/stores/store.ts";
import type { Colors } from "./charts/colors.ts";
import type { Api, Session } from "./data/api.ts";
import type { Feed } from "./data/feed.ts";
import { h } from "./layout/element.ts";
import { MOST_RUNS } from "./runs/selection.ts";
import type { Axis, ViewState } from "./view.ts";

/** What the parts of the page share. */
export interface Context {
  api: Api;
  session: Session;
  project: string;
  view: ViewState;
  feed: Feed;
  colors: Colors;
  /** The runs in the charts. */
  shown(): RunWithSummary[];
  /** The run in the gauges. */
  focus(): RunWithSummary | null;
  axis(): Axis;
  /** Says something for a moment, for screen readers too. */
  notify(text: string, kind?: "info" | "error", fix?: string | null): void;
  askToStop(run: RunWithSummary): void;
  edit(run: RunWithSummary): void;
  archive(run: RunWithSummary, archived: boolean): void;
}

export const mayControl = ({ session }: Pick<Context, "session">): boolean => session.scopes.includes("control");

/** A box that puts a run into the charts or takes it out; the choice starts from what is shown. */
export function runBox(context: Context, run: string): HTMLInputElement {
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
export function lookAt(context: Context, run: string) {
  const compared = context.shown().some((one) => one.run === run) && context.view.get().runs !== null;
  context.view.set(compared ? { focus: run } : { runs: [run], focus: run });
}
