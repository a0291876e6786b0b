import type { SqlResult } from "../../../functions/stores/store.ts";
import type { PagePanel } from "../../page-dashboards.ts";
import type { Problem } from "../data/api.ts";
import { h, setAttribute, setText } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import { createDrawing, panelTable } from "./drawing.ts";
import { type Ask, type Chosen, filledIn } from "./question.ts";

export type DashboardPanel = ReturnType<typeof createPanel>;

/**
 * Creates a panel of a dashboard: its heading, what it shows, and why where it shows nothing. It
 * asks for its data while it is in sight.
 */
export function createPanel(context: PageContext, panel: PagePanel, height: number, ask: Ask) {
  const drawing = createDrawing(panel, context);
  const said = h("p", { class: "panel-said quiet", role: "status", "data-testid": "panel-said" });
  const table = h("div", { class: "panel-table" });
  table.hidden = true;
  const toggle = h(
    "button",
    { class: "chip-button", "aria-pressed": "false", title: "The values as a table", onclick: toggleTable },
    "table",
    h("span", { class: "unseen" }, ` of ${panel.title}`),
  );
  toggle.hidden = !drawing.hasTable;
  const element = h(
    "article",
    {
      class: `panel is-${panel.kind}`,
      "data-panel": panel.key,
      "data-testid": "panel",
      style: `--width:${panel.width};--height:${height}px`,
    },
    h("header", { class: "chart-head" }, h("h2", { title: panel.description ?? null }, panel.title), toggle),
    h("div", { class: "panel-body" }, drawing.element, table, said),
  );
  let question = "";
  let answer: SqlResult | null = null;
  let [isStale, isInSight, isDrawn] = [true, false, true];
  let asking: AbortController | null = null;

  function toggleTable() {
    table.hidden = !table.hidden;
    drawing.element.hidden = !table.hidden;
    setAttribute(toggle, "aria-pressed", String(!table.hidden));
    draw();
  }

  function say(text: string, isProblem = false) {
    setText(said, text);
    said.hidden = text === "";
    said.classList.toggle("problem", isProblem);
    setAttribute(element, "data-said", isProblem ? "problem" : text === "" ? null : "nothing");
  }

  function draw() {
    isDrawn = isInSight;
    if (answer === null || !isInSight) return;
    if (table.hidden) drawing.show(answer);
    else table.replaceChildren(panelTable(panel, answer));
  }

  async function look() {
    if (panel.sql === null || question === "" || !isInSight || !isStale) return;
    isStale = false;
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    if (answer === null) say("Loading …");
    try {
      const result = await ask(question, mine.signal);
      if (asking !== mine) return;
      const isSame = JSON.stringify(result.rows) === JSON.stringify(answer?.rows);
      answer = result;
      setAttribute(element, "data-asked", Number(element.dataset.asked ?? 0) + 1);
      const isEmpty = result.rows.length === 0 && panel.kind !== "number";
      say(isEmpty ? "Nothing yet." : result.truncated ? `The first ${result.rows.length} rows; there are more.` : "");
      drawing.element.classList.toggle("blank", isEmpty);
      if (!isSame) draw();
    } catch (error) {
      if (mine.signal.aborted || asking !== mine) return;
      const { message, fix } = error as Problem;
      // What was drawn is not the answer to this any more.
      answer = null;
      drawing.element.classList.add("blank");
      table.replaceChildren();
      say([message, fix].filter(Boolean).join(" "), true);
    }
  }

  if (panel.sql === null) say("");
  return {
    element,
    /** Says what was chosen; asks anew if that is another question. */
    choose(chosen: Chosen) {
      const next = filledIn(panel.sql ?? "", chosen);
      if (next !== question) isStale = true;
      question = next;
      void look();
    },
    /** Asks the same once more. */
    refresh() {
      isStale = true;
      void look();
    },
    redraw: draw,
    setInSight(value: boolean) {
      isInSight = value;
      if (!isDrawn) draw();
      void look();
    },
    dispose() {
      asking?.abort();
      asking = null;
      drawing.dispose();
    },
  };
}
