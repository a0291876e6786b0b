import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { h, keyed, setOptions } from "../layout/element.ts";
import type { ViewState } from "../view.ts";
import { COMPARISONS, paramFilter } from "./param-filter.ts";

/** Creates the conditions on params that listed runs meet, and the form for one more. */
export function createParamFilters(view: ViewState) {
  const name = h("select", { class: "field", "aria-label": "Param" });
  const is = h("select", { class: "field", "aria-label": "Comparison" });
  setOptions(
    is,
    COMPARISONS.map((one) => [one, one]),
    "=",
  );
  const value = h("input", { class: "field", required: true, autocomplete: "off", "aria-label": "Value of the param" });
  const form = h(
    "form",
    { class: "param-form", onsubmit: add },
    name,
    is,
    value,
    h("button", { class: "button" }, "Add"),
  );
  const details = h("details", {}, h("summary", {}, "By param"), form);
  const list = h("ul", { class: "param-filters", "aria-label": "Filters by param" });
  const element = h("div", { class: "by-param", "data-testid": "by-param" }, list, details);

  function add(event: Event) {
    event.preventDefault();
    const filter = paramFilter(name.value, is.value as (typeof COMPARISONS)[number], value.value.trim());
    view.set({ params: [...new Set([...view.get().params, filter])] });
    value.value = "";
  }

  function remove(filter: string) {
    view.set({ params: view.get().params.filter((one) => one !== filter) });
    // What had the focus is gone.
    details.querySelector("summary")!.focus();
  }

  function update(runs: readonly RunWithSummary[]) {
    const { params } = view.get();
    const names = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort((a, b) => a.localeCompare(b));
    setOptions(
      name,
      names.map((one) => [one, one]),
      names.includes(name.value) ? name.value : (names[0] ?? ""),
    );
    keyed(
      list,
      params,
      (filter) => filter,
      (filter) =>
        h(
          "li",
          { class: "param-filter" },
          h("span", {}, filter),
          h("button", { class: "icon-button", "aria-label": `Remove ${filter}`, onclick: () => remove(filter) }, "×"),
        ),
      () => undefined,
    );
    list.hidden = params.length === 0;
    details.hidden = names.length === 0;
    element.hidden = list.hidden && details.hidden;
  }

  return { element, update };
}
