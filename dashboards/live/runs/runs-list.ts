import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { type Context, lookAt, runBox } from "../context.ts";
import { h, keyed, setAttribute, setText } from "../layout/element.ts";
import { theme } from "../layout/theme.ts";
import { formatAny, formatValue } from "../layout/values.ts";
import { moreRuns } from "./more-runs.ts";
import { stateMark } from "./run-state.ts";
import { createRunsFilters } from "./runs-filters.ts";
import { metricColumns, passes, sortRuns, summaryOf } from "./runs-order.ts";
import { MOST_RUNS, varyingParams } from "./selection.ts";

/** The list beside the charts: find runs, put them into the charts, look at one. */
export function createRunsList(context: Context) {
  const { view, feed } = context;
  const filters = createRunsFilters(context);
  const count = h("span", { class: "count" });
  const list = h("ul", { class: "runs", "data-testid": "runs" });
  const none = h("p", { class: "quiet pad" }, "No run matches.");
  const more = moreRuns(context);
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

  const listed = () =>
    sortRuns(
      [...feed.runs.values()].filter((run) => passes(run, view.get())),
      view.get().sort,
    );

  function overlayAll() {
    const runs = listed();
    if (runs.length > MOST_RUNS) context.notify(`The first ${MOST_RUNS} of ${runs.length} runs are in the charts.`);
    view.set({ runs: runs.slice(0, MOST_RUNS).map((run) => run.run) });
  }

  function update() {
    filters.update();
    const all = [...feed.runs.values()];
    const runs = listed();
    const shown = new Set(context.shown().map((run) => run.run));
    const focus = context.focus()?.run;
    const telling = varyingParams(all);
    setText(count, feed.hasMore() ? `${runs.length}+` : String(runs.length));
    keyed(
      list,
      runs,
      (run) => run.run,
      createRow,
      (row, run) => updateRow(row, run, shown, focus, telling),
    );
    none.hidden = runs.length > 0;
    more.update();
    follow.hidden = view.get().runs === null;
    overlay.hidden = runs.length < 2;
  }

  const marks = new WeakMap<HTMLElement, ReturnType<typeof stateMark>>();

  function createRow({ run }: RunWithSummary): HTMLElement {
    const mark = stateMark();
    const row = h(
      "li",
      { class: "run", "data-testid": "run", "data-run": run },
      h("label", { class: "swatch" }, runBox(context, run)),
      h(
        "button",
        { class: "run-name", "data-testid": "run-open", onclick: () => lookAt(context, run) },
        h("span", { class: "run-title" }),
      ),
      mark.element,
      h("span", { class: "run-values" }),
      h("span", { class: "run-params" }),
      h("span", { class: "run-note" }),
    );
    marks.set(row, mark);
    return row;
  }

  function updateRow(
    row: HTMLElement,
    run: RunWithSummary,
    shown: Set<string>,
    focus: string | undefined,
    telling: string[],
  ) {
    const part = (name: string) => row.querySelector<HTMLElement>(name)!;
    const box = part("input") as HTMLInputElement;
    const isShown = shown.has(run.run);
    if (box.checked !== isShown) box.checked = isShown;
    setAttribute(box, "aria-label", `Show ${run.name} in the charts`);
    row.style.setProperty("--run", context.colors.of(run.run, theme()));
    row.classList.toggle("shown", isShown);
    row.classList.toggle("archived", run.archived);
    setAttribute(row, "data-state", run.state);
    setText(part(".run-title"), run.name);
    setAttribute(part(".run-name"), "aria-current", focus === run.run ? "true" : null);
    marks.get(row)!.update(run.state, feed.pendingStop(run) !== null);
    const values = valuesOf(run);
    if (part(".run-values").dataset.text !== JSON.stringify(values)) {
      part(".run-values").dataset.text = JSON.stringify(values);
      part(".run-values").replaceChildren(
        ...values.map(({ label, last, best }) =>
          h("span", { class: "run-value" }, h("i", {}, label), " ", h("b", {}, last), " ", h("i", {}, `best ${best}`)),
        ),
      );
    }
    const params = Object.keys(run.params).sort((a, b) => Number(telling.includes(b)) - Number(telling.includes(a)));
    setText(
      part(".run-params"),
      params
        .slice(0, 4)
        .map((name) => `${name} ${formatAny(run.params[name])}`)
        .join(" · "),
    );
    setText(part(".run-note"), run.note ?? "");
    part(".run-note").hidden = run.note === null;
  }

  return { element, update };
}

/** Accuracy and loss, or the first two metrics, by validation where there is one. */
function valuesOf(run: RunWithSummary) {
  const columns = metricColumns([run]);
  const metrics = [...new Set(columns.map((column) => column.metric))].slice(0, 2);
  return metrics.map((metric) => {
    const column =
      columns.find((one) => one.metric === metric && one.split === "validation") ??
      columns.find((one) => one.metric === metric)!;
    const row = summaryOf(run, metric, column.split)!;
    return { label: column.label, last: formatValue(row.last), best: formatValue(row.best) };
  });
}
