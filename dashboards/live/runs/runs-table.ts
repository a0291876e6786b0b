import type { RunWithSummary, Value } from "../../../functions/stores/store.ts";
import { type Context, lookAt, runBox } from "../context.ts";
import { lowerIsBetter } from "../data/metric-names.ts";
import { h, keyed, setAttribute, setText } from "../layout/element.ts";
import { theme } from "../layout/theme.ts";
import { formatAgo, formatAny, formatDuration, formatValue } from "../layout/values.ts";
import { moreRuns } from "./more-runs.ts";
import { stateMark } from "./run-state.ts";
import { createRunsFilters } from "./runs-filters.ts";
import { columnValue, metricColumns, passes, sortRuns } from "./runs-order.ts";

interface Column {
  key: string;
  label: string;
  numeric: boolean;
  /** Where the first click on the header should put the high values. */
  highFirst: boolean;
  show(run: RunWithSummary): string;
}

/** The best value of a column of best values; nothing else has one. */
function topOf(runs: readonly RunWithSummary[], { key, highFirst }: Column): unknown {
  if (!key.startsWith("best:") || runs.length < 2) return undefined;
  const values = runs.flatMap((run) => (columnValue(run, key) as number | null | undefined) ?? []);
  return highFirst ? Math.max(...values) : Math.min(...values);
}

/** All runs with all params and all metrics, to be sorted by any of them. */
export function createRunsTable(context: Context) {
  const { view, feed } = context;
  const filters = createRunsFilters(context);
  const more = moreRuns(context);
  const head = h("tr", {});
  const body = h("tbody", {});
  const marks = new Map<string, ReturnType<typeof stateMark>>();
  const element = h(
    "section",
    { class: "runs-table", "aria-labelledby": "table-title", "data-testid": "runs-table" },
    h("div", { class: "table-head" }, h("h1", { id: "table-title" }, "Runs"), filters.element),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table of runs" },
      h("table", { class: "data" }, h("thead", {}, head), body),
    ),
    more.element,
  );

  function columnsOf(runs: readonly RunWithSummary[]): Column[] {
    const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort((a, b) => a.localeCompare(b));
    const plain = (key: string, label: string, show: Column["show"], highFirst = false): Column => ({
      key,
      label,
      show,
      highFirst,
      numeric: false,
    });
    return [
      plain("name", "Name", (run) => run.name),
      plain("state", "State", (run) => run.state),
      plain("started_at", "Started", (run) => formatAgo(run.started_at), true),
      {
        ...plain("duration", "Duration", (run) => formatDuration(columnValue(run, "duration") as number), true),
        numeric: true,
      },
      ...metricColumns(runs).flatMap(({ metric, split, label }) =>
        (["best", "last"] as const).map((which): Column => {
          const key = `${which}:${split}:${metric}`;
          return {
            key,
            label: `${label}, ${which}`,
            numeric: true,
            highFirst: !lowerIsBetter(metric),
            show: (run) => formatValue(columnValue(run, key) as Value | null),
          };
        }),
      ),
      ...params.map((name): Column => {
        const key = `param:${name}`;
        const numeric = runs.every((run) => run.params[name] === undefined || typeof run.params[name] === "number");
        return { key, label: name, numeric, highFirst: false, show: (run) => formatAny(run.params[name]) };
      }),
      plain("note", "Note", (run) => run.note ?? ""),
    ];
  }

  function sortBy(column: Column) {
    const { sort } = view.get();
    const up = column.highFirst ? `-${column.key}` : column.key;
    const down = column.highFirst ? column.key : `-${column.key}`;
    view.set({ sort: sort === up ? down : up });
  }

  let columnsShown = "";

  function update() {
    filters.update();
    more.update();
    const { sort } = view.get();
    const runs = sortRuns(
      [...feed.runs.values()].filter((run) => passes(run, view.get())),
      sort,
    );
    const columns = columnsOf(runs);
    const signature = JSON.stringify(columns.map((column) => [column.key, column.numeric]));
    if (signature !== columnsShown) {
      columnsShown = signature;
      body.replaceChildren();
      head.replaceChildren(
        h("td", {}),
        ...columns.map((column) =>
          h(
            "th",
            { scope: "col", class: column.numeric ? "number" : null, "data-key": column.key },
            h("button", { class: "sort", onclick: () => sortBy(column) }, column.label),
          ),
        ),
      );
    }
    for (const cell of head.querySelectorAll("th")) {
      const by = sort.replace(/^-/, "") === cell.dataset.key;
      setAttribute(cell, "aria-sort", by ? (sort.startsWith("-") ? "descending" : "ascending") : null);
    }
    const shown = new Set(context.shown().map((run) => run.run));
    const tops = new Map(columns.map((column) => [column.key, topOf(runs, column)]));
    keyed(
      body,
      runs,
      (run) => run.run,
      (run) => createRow(run.run, columns),
      (row, run) => updateRow(row, run, columns, shown.has(run.run), tops),
    );
  }

  function createRow(run: string, columns: readonly Column[]): HTMLElement {
    return h(
      "tr",
      { "data-run": run },
      h("td", {}, h("label", { class: "swatch" }, runBox(context, run))),
      ...columns.map((column) => {
        if (column.key === "name")
          return h("th", { scope: "row" }, h("button", { class: "link", onclick: () => open(run) }));
        if (column.key !== "state") return h("td", {});
        const mark = stateMark();
        marks.set(run, mark);
        return h("td", {}, mark.element);
      }),
    );
  }

  function updateRow(
    row: HTMLElement,
    run: RunWithSummary,
    columns: readonly Column[],
    isShown: boolean,
    tops: ReadonlyMap<string, unknown>,
  ) {
    const box = row.querySelector("input")!;
    box.checked = isShown;
    setAttribute(box, "aria-label", `Show ${run.name} in the charts`);
    row.style.setProperty("--run", context.colors.of(run.run, theme()));
    marks.get(run.run)?.update(run.state, feed.pendingStop(run) !== null);
    columns.forEach((column, i) => {
      if (column.key === "state") return;
      const cell = row.children[i + 1]!;
      setText(column.key === "name" ? cell.firstElementChild! : cell, column.show(run));
      const top = tops.get(column.key);
      cell.classList.toggle("number", column.numeric);
      cell.classList.toggle("top-value", top !== undefined && columnValue(run, column.key) === top);
    });
  }

  function open(run: string) {
    lookAt(context, run);
    view.set({ tab: "charts" });
  }

  return { element, update };
}
