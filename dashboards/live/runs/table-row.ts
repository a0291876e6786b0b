import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { h, setAttribute, setText } from "../layout/element.ts";
import { theme } from "../layout/theme.ts";
import type { PageContext } from "../page-context.ts";
import { columnValue } from "./order.ts";
import { lookAt, runBox } from "./run-box.ts";
import { stateMark } from "./state-mark.ts";
import type { Column } from "./table-columns.ts";

const MINUTE_MS = 60_000;

export interface TableRowState {
  isShown: boolean;
  /** The best value of each column that has one. */
  tops: ReadonlyMap<string, unknown>;
}

export type TableRow = ReturnType<typeof createTableRow>;

/** Creates a run's row in the table. */
export function createTableRow(context: PageContext, id: string, columns: readonly Column[]) {
  const box = runBox(context, id);
  const mark = stateMark();
  const open = h("button", { class: "link", onclick: openRun });
  const cells = columns.map(({ key, isNumeric }) => {
    if (key === "name") return h("th", { scope: "row" }, open);
    return h("td", { class: isNumeric ? "number" : null }, key === "state" ? mark.element : null);
  });
  const element = h("tr", { "data-run": id }, h("td", {}, h("label", { class: "swatch" }, box)), ...cells);

  function openRun() {
    lookAt(context, id);
    context.view.set({ tab: "charts" });
  }

  let drawn: readonly unknown[] = [];

  /** A row is drawn anew only where its run or what is best is another, or time has gone on. */
  function update(run: RunWithSummary, { isShown, tops }: TableRowState) {
    const color = context.colors.of(id, theme());
    const time = run.state === "running" ? Date.now() : Math.floor(Date.now() / MINUTE_MS);
    const parts = [context.feed.revision(id), isShown, color, time, ...tops.values()];
    if (parts.length === drawn.length && parts.every((part, i) => part === drawn[i])) return;
    drawn = parts;
    box.checked = isShown;
    setAttribute(box, "aria-label", `Show ${run.name} in the charts`);
    element.style.setProperty("--run", color);
    mark.update(run.state, context.feed.pendingStop(run) !== null);
    columns.forEach((column, i) => {
      if (column.key === "state") return;
      const cell = cells[i]!;
      setText(column.key === "name" ? open : cell, column.show(run));
      const top = tops.get(column.key);
      cell.classList.toggle("top-value", top !== undefined && columnValue(run, column.key) === top);
    });
  }

  return { element, update };
}
