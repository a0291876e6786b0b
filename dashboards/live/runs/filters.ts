import type { RunState } from "../../../functions/stores/store.ts";
import { h, setOptions } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import { createMetricColumns, type MetricColumn } from "./metric-columns.ts";
import { bestFirst } from "./order.ts";
import { createParamFilters } from "./param-filters.ts";
import { STATES } from "./state-mark.ts";

const SORTS: [string, string][] = [
  ["-started_at", "Newest first"],
  ["started_at", "Oldest first"],
  ["name", "By name"],
  ["-last_event_at", "Last active"],
];

/** What of the runs is listed, and in which order; the list and the table each have one. */
export function createRunsFilters({ view, feed }: PageContext) {
  const metricColumns = createMetricColumns();
  const text = h("input", {
    type: "search",
    class: "field",
    placeholder: "Name or id",
    "aria-label": "Filter runs by name or id",
    "data-testid": "runs-filter",
    oninput: () => view.set({ text: text.value }),
  });
  const state = h("select", {
    class: "field",
    "aria-label": "Filter runs by state",
    "data-testid": "runs-state",
    onchange: () => view.set({ state: (state.value || null) as RunState | null }),
  });
  const sort = h("select", {
    class: "field",
    "aria-label": "Sort runs",
    "data-testid": "runs-sort",
    onchange: () => view.set({ sort: sort.value }),
  });
  const archived = h("input", {
    type: "checkbox",
    "data-testid": "show-archived",
    onchange: () => view.set({ archived: archived.checked }),
  });
  const params = createParamFilters(view);
  const element = h(
    "div",
    { class: "runs-filters" },
    text,
    state,
    sort,
    h("label", { class: "check" }, archived, "Archived too"),
    params.element,
  );

  function update() {
    const asked = view.get();
    if (document.activeElement !== text && text.value !== asked.text) text.value = asked.text;
    archived.checked = asked.archived;
    params.update([...feed.runs.values()]);
    setOptions(state, [["", "Any state"], ...STATES.map((one): [string, string] => [one, one])], asked.state ?? "");
    setOptions(sort, choicesOf(metricColumns([...feed.runs.values()]), asked.sort), asked.sort);
  }

  return { element, update };
}

/** Only what can be better or worse has a best. */
function choicesOf(columns: readonly MetricColumn[], asked: string): [string, string][] {
  const judged = columns.filter(({ lowFirst }) => lowFirst !== null);
  const best = judged.map((column): [string, string] => [bestFirst(column), `Best ${column.label}`]);
  const choices = [...SORTS, ...best];
  return choices.some(([key]) => key === asked) ? choices : [...choices, [asked, "As in the table"]];
}
