import type { PageDashboard } from "../../page-dashboards.ts";
import { metricLabel, orderMetrics } from "../data/metric-names.ts";
import { h, keyed, setOptions } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import type { Chosen } from "./question.ts";

type Filter = PageDashboard["filters"][number];

/** Stands for the runs that are in the charts. */
const IN_THE_CHARTS = "";

/** What was chosen of a column, as it stands in the address: `split=validation`. */
const given = (only: readonly string[], column: string): string | undefined =>
  only.find((one) => one.startsWith(`${column}=`))?.slice(column.length + 1);

/** The values that panels are narrowed to: always those of one project. */
export function chosenIn({ view, project, shown }: Pick<PageContext, "view" | "project" | "shown">): Chosen {
  const chosen: Record<string, string[]> = { project: [project] };
  for (const column of ["run", "metric", "split", "level"]) {
    const value = given(view.get().only, column);
    if (value === undefined) continue;
    chosen[column] = column === "run" && value === IN_THE_CHARTS ? shown().map(({ run }) => run) : [value];
  }
  return chosen;
}

/** Creates the choices above a dashboard's panels. Their values are what the page knows of runs. */
export function createPanelFilters(context: PageContext) {
  const { view } = context;
  const element = h("div", { class: "panel-filters", role: "group", "aria-label": "Filters" });

  function create({ column, label }: Filter): HTMLElement {
    const select = h("select", { class: "field", "data-filter": column, onchange: choose });
    function choose() {
      const others = view.get().only.filter((one) => !one.startsWith(`${column}=`));
      view.set({ only: select.value === "all" ? others : [...others, `${column}=${select.value.slice(1)}`] });
    }
    return h("label", { class: "tool" }, h("span", {}, label), select);
  }

  function update(filters: readonly Filter[]) {
    keyed(
      element,
      filters.filter(({ column }) => column !== "project"),
      ({ column }) => column,
      create,
      (item, { column }) => {
        const value = given(view.get().only, column);
        const values = valuesOf(column, context);
        if (value !== undefined && !values.some(([one]) => one === value)) values.push([value, value]);
        // Values have a sign before them, so that none is taken for the choice of all.
        const options = values.map(([one, label]): [string, string] => [`=${one}`, label]);
        setOptions(
          item.querySelector("select")!,
          [["all", "All"], ...options],
          value === undefined ? "all" : `=${value}`,
        );
      },
    );
    element.hidden = element.childElementCount === 0;
  }

  return { element, update };
}

function valuesOf(column: Filter["column"], { feed }: PageContext): [value: string, label: string][] {
  const runs = [...feed.runs.values()];
  const plain = (values: readonly string[]) => values.map((one): [string, string] => [one, one]);
  switch (column) {
    case "run":
      return [[IN_THE_CHARTS, "Those in the charts"], ...runs.map(({ run, name }): [string, string] => [run, name])];
    case "metric":
      return orderMetrics(runs.flatMap(({ summary }) => summary.map(({ metric }) => metric))).map((one) => [
        one,
        metricLabel(one),
      ]);
    case "split":
      return plain(["train", "validation", "test"]);
    case "level":
      return plain(["epoch", "batch"]);
    default:
      return [];
  }
}
