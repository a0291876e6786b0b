import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { remembered } from "../data/remembered.ts";
import { h, keyed, setText } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import { createRunsFilters } from "./filters.ts";
import { createListRow, type ListRow } from "./list-row.ts";
import { loadMore } from "./load-more.ts";
import { passes, sortRuns } from "./order.ts";
import { MOST_RUNS, varyingParams } from "./selection.ts";

/** Creates the list beside the charts: find runs, put them into the charts, look at one. */
export function createRunsList(context: PageContext) {
  const { view, feed } = context;
  const filters = createRunsFilters(context);
  const count = h("span", { class: "count" });
  const list = h("ul", { class: "runs", "data-testid": "runs" });
  const none = h("p", { class: "quiet pad", role: "status", "data-testid": "runs-none" });
  const more = loadMore(context);
  const overlay = h(
    "button",
    { class: "link", "data-testid": "overlay-all", title: "Show all listed runs in the charts", onclick: overlayAll },
    "Overlay all",
  );
  const follow = h(
    "button",
    {
      class: "link",
      "data-testid": "follow-newest",
      title: "Show the newest run, now and later",
      onclick: () => view.set({ runs: null, focus: null }),
    },
    "Newest",
  );
  const element = h(
    "div",
    { class: "runs-panel" },
    h("div", { class: "runs-head" }, h("h2", { id: "runs-title" }, "Runs "), count, follow, overlay),
    filters.element,
    list,
    none,
    more.element,
  );
  const tellingParams = remembered((all: readonly RunWithSummary[]) => all.map(({ params }) => params), varyingParams);
  const rows = new WeakMap<HTMLElement, ListRow>();

  function listed() {
    const asked = view.get();
    return sortRuns(
      [...feed.runs.values()].filter((run) => passes(run, asked)),
      asked.sort,
    );
  }

  function overlayAll() {
    const runs = listed();
    if (runs.length > MOST_RUNS) context.notify(`The first ${MOST_RUNS} of ${runs.length} runs are in the charts.`);
    view.set({ runs: runs.slice(0, MOST_RUNS).map((run) => run.run) });
  }

  function update() {
    filters.update();
    const runs = listed();
    const shown = new Set(context.shown().map((run) => run.run));
    const focus = context.focus()?.run;
    const telling = tellingParams([...feed.runs.values()]);
    const isLoading = !feed.isListed() || feed.isListing();
    setText(count, isLoading && runs.length === 0 ? "…" : feed.hasMore() ? `${runs.length}+` : String(runs.length));
    keyed(
      list,
      runs,
      (run) => run.run,
      (run) => createRow(run.run),
      (row, run) => rows.get(row)!.update(run, { isShown: shown.has(run.run), isInFocus: focus === run.run, telling }),
    );
    none.hidden = runs.length > 0;
    setText(none, isLoading ? "Loading …" : "No run matches.");
    more.update();
    follow.hidden = view.get().runs === null;
    overlay.hidden = runs.length < 2;
  }

  function createRow(run: string): HTMLElement {
    const row = createListRow(context, run);
    rows.set(row.element, row);
    return row.element;
  }

  return { element, update };
}
