import { h, keyed, setText } from "../layout/element.ts";
import type { ViewState } from "../view.ts";
import type { Column } from "./table-columns.ts";

/** What names a row stays. */
const ALWAYS = "name";

/** The columns that the view asks for, in the table's order; what there is no more is left out. */
export function chosenColumns(columns: readonly Column[], chosen: readonly string[] | null): readonly Column[] {
  if (chosen === null) return columns;
  return columns.filter(({ key }) => key === ALWAYS || chosen.includes(key));
}

/** Creates the choice of the table's columns. */
export function createColumnChoice(view: ViewState) {
  const list = h("ul", { class: "column-list", "aria-label": "Columns of the table" });
  const all = h("button", { class: "link", onclick: () => view.set({ columns: null }) }, "All columns");
  const count = h("summary", {}, "Columns");
  const element = h("details", { class: "columns", "data-testid": "columns" }, count, all, list);

  let keys: string[] = [];

  function toggle(key: string, isShown: boolean) {
    const before = view.get().columns ?? keys;
    view.set({ columns: isShown ? [...before, key] : before.filter((one) => one !== key) });
  }

  function update(columns: readonly Column[]) {
    const { columns: chosen } = view.get();
    keys = columns.map(({ key }) => key);
    const offered = columns.filter(({ key }) => key !== ALWAYS);
    const shown = chosenColumns(offered, chosen).length;
    setText(count, chosen === null ? "Columns" : `Columns, ${shown} of ${offered.length}`);
    all.hidden = chosen === null;
    keyed(
      list,
      offered,
      ({ key }) => key,
      ({ key, label }) => {
        const box = h("input", { type: "checkbox", "data-column": key, onchange: () => toggle(key, box.checked) });
        return h("li", {}, h("label", { class: "check" }, box, h("span", {}, label)));
      },
      (item, { key }) => {
        item.querySelector("input")!.checked = chosen === null || chosen.includes(key);
      },
    );
  }

  return { element, update };
}
