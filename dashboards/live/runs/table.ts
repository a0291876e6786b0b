import { h, keyed, setAttribute, setText } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import { chosenColumns, createColumnChoice } from "./column-choice.ts";
import { createRunsFilters } from "./filters.ts";
import { loadMore } from "./load-more.ts";
import { createMetricColumns } from "./metric-columns.ts";
import { passes, sortRuns } from "./order.ts";
import { type Column, columnsOf, topOf } from "./table-columns.ts";
import { createTableRow, type TableRow } from "./table-row.ts";

/** Metrics, by split, that are columns at first, and with every "Show more". */
const PAGE = 30;

/** Creates the table of all runs with all params and all metrics, to be sorted by any of them. */
export function createRunsTable(context: PageContext) {
  const { view, feed } = context;
  const filters = createRunsFilters(context);
  const choice = createColumnChoice(view);
  const more = loadMore(context);
  const moreMetrics = h("button", { class: "button wide", "data-testid": "more-metrics", onclick: showMore });
  const head = h("tr", {});
  const body = h("tbody", {});
  const element = h(
    "section",
    { class: "runs-table", "aria-labelledby": "table-title", "data-testid": "runs-table" },
    h("div", { class: "table-head" }, h("h1", { id: "table-title" }, "Runs"), filters.element),
    choice.element,
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table of runs" },
      h("table", { class: "data" }, h("thead", {}, head), body),
    ),
    moreMetrics,
    more.element,
  );
  const metricColumns = createMetricColumns();
  const rows = new WeakMap<HTMLElement, TableRow>();
  let headings = "";
  let limit = PAGE;

  function update() {
    filters.update();
    more.update();
    const asked = view.get();
    const runs = sortRuns(
      [...feed.runs.values()].filter((run) => passes(run, asked)),
      asked.sort,
    );
    const metrics = metricColumns(runs);
    // Chosen ones are shown however many there are.
    const all = columnsOf(runs, asked.columns === null ? metrics.slice(0, limit) : metrics);
    const columns = chosenColumns(all, asked.columns);
    choice.update(asked.columns === null ? columnsOf(runs, metrics) : all);
    updateMore(asked.columns === null ? metrics.length : 0);
    updateHead(columns, asked.sort);
    const shown = new Set(context.shown().map((run) => run.run));
    const tops = new Map(columns.map((column) => [column.key, topOf(runs, column)]));
    keyed(
      body,
      runs,
      (run) => run.run,
      (run) => createRow(run.run, columns),
      (row, run) => rows.get(row)!.update(run, { isShown: shown.has(run.run), tops }),
    );
  }

  function updateMore(count: number) {
    moreMetrics.hidden = count <= limit;
    setText(moreMetrics, `Show ${Math.min(PAGE, Math.max(0, count - limit))} more of ${count} metrics`);
  }

  function showMore() {
    limit += PAGE;
    update();
  }

  /** Other columns make other rows. */
  function updateHead(columns: readonly Column[], sort: string) {
    const signature = JSON.stringify(columns.map((column) => [column.key, column.isNumeric]));
    if (signature !== headings) {
      headings = signature;
      body.replaceChildren();
      head.replaceChildren(h("td", {}), ...columns.map(createHeading));
    }
    for (const cell of head.querySelectorAll("th")) {
      const isSorted = sort.replace(/^-/, "") === cell.dataset.key;
      setAttribute(cell, "aria-sort", isSorted ? (sort.startsWith("-") ? "descending" : "ascending") : null);
    }
  }

  const createHeading = (column: Column) =>
    h(
      "th",
      { scope: "col", class: column.isNumeric ? "number" : null, "data-key": column.key },
      h("button", { class: "sort", onclick: () => sortBy(column) }, column.label),
    );

  function sortBy({ key, highFirst }: Column) {
    const [first, second] = highFirst ? [`-${key}`, key] : [key, `-${key}`];
    view.set({ sort: view.get().sort === first ? second : first });
  }

  function createRow(run: string, columns: readonly Column[]): HTMLElement {
    const row = createTableRow(context, run, columns);
    rows.set(row.element, row);
    return row.element;
  }

  return { element, update };
}
