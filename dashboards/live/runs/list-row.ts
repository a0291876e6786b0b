import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { epochRow } from "../data/summary-rows.ts";
import { h, setAttribute, setText } from "../layout/element.ts";
import { formatAny, formatValue } from "../layout/format.ts";
import { theme } from "../layout/theme.ts";
import type { PageContext } from "../page-context.ts";
import { columnsOfRun, type MetricColumn } from "./metric-columns.ts";
import { lookAt, runBox } from "./run-box.ts";
import { stateMark } from "./state-mark.ts";

/** Params and metrics that fit into a row. */
const MOST_PARAMS = 4;
const MOST_METRICS = 2;

export interface RowState {
  isShown: boolean;
  isInFocus: boolean;
  /** Params that tell the runs apart, which come first. */
  telling: readonly string[];
}

export type ListRow = ReturnType<typeof createListRow>;

/** Creates a run's row in the list. */
export function createListRow(context: PageContext, id: string) {
  const box = runBox(context, id);
  const title = h("span", { class: "run-title" });
  const name = h("button", { class: "run-name", "data-testid": "run-open", onclick: () => lookAt(context, id) }, title);
  const mark = stateMark();
  const values = h("span", { class: "run-values" });
  const params = h("span", { class: "run-params" });
  const note = h("span", { class: "run-note" });
  const element = h(
    "li",
    { class: "run", "data-testid": "run", "data-run": id },
    h("label", { class: "swatch" }, box),
    name,
    mark.element,
    values,
    params,
    note,
  );

  let drawn: readonly unknown[] = [];

  /** A row is drawn anew only where its run, or what is shown of it, is another. */
  function update(run: RunWithSummary, { isShown, isInFocus, telling }: RowState) {
    const color = context.colors.of(id, theme());
    const parts = [context.feed.revision(id), isShown, isInFocus, telling, color];
    if (parts.every((part, i) => part === drawn[i])) return;
    drawn = parts;
    if (box.checked !== isShown) box.checked = isShown;
    setAttribute(box, "aria-label", `Show ${run.name} in the charts`);
    element.style.setProperty("--run", color);
    element.classList.toggle("shown", isShown);
    element.classList.toggle("archived", run.archived);
    setAttribute(element, "data-state", run.state);
    setText(title, run.name);
    setAttribute(name, "aria-current", isInFocus ? "true" : null);
    mark.update(run.state, context.feed.pendingStop(run) !== null);
    updateValues(run);
    setText(params, paramsText(run, telling));
    setText(note, run.note ?? "");
    note.hidden = run.note === null;
  }

  let shownValues = "";

  function updateValues(run: RunWithSummary) {
    const all = valuesOf(run);
    const signature = JSON.stringify(all);
    if (signature === shownValues) return;
    shownValues = signature;
    values.replaceChildren(
      ...all.map(({ label, last, best }) =>
        h(
          "span",
          { class: "run-value" },
          h("i", {}, label),
          " ",
          h("b", {}, last),
          h("i", { class: "run-best" }, best === null ? "" : `best ${best}`),
        ),
      ),
    );
  }

  return { element, update };
}

function paramsText({ params }: RunWithSummary, telling: readonly string[]): string {
  const names = Object.keys(params).sort((a, b) => Number(telling.includes(b)) - Number(telling.includes(a)));
  const texts = names.slice(0, MOST_PARAMS).map((name) => `${name} ${formatAny(params[name])}`);
  return texts.join(" · ");
}

/** Accuracy and loss, or the first two metrics, by validation where there is one. */
function valuesOf(run: RunWithSummary) {
  const first = new Map<string, MetricColumn>();
  for (const column of columnsOfRun(run)) {
    if (!first.has(column.metric) && first.size === MOST_METRICS) break;
    if (!first.has(column.metric) || column.split === "validation") first.set(column.metric, column);
  }
  return [...first.values()].map(({ metric, split, label, lowFirst }) => {
    const row = epochRow(run.summary, metric, split)!;
    return { label, last: formatValue(row.last), best: lowFirst !== null ? formatValue(row.best) : null };
  });
}
