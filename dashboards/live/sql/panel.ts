import type { Problem } from "../data/api.ts";
import { h, setText } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import { createSqlChart } from "./chart.ts";
import { toCsv } from "./csv.ts";
import { sqlExamples } from "./examples.ts";
import { sqlTable } from "./table.ts";

/** Any read-only question to the views, answered by a table and a chart. */
export function createSqlPanel({ api, view, project, feed }: PageContext) {
  const examples = sqlExamples(project);
  const text = h("textarea", {
    class: "field code",
    rows: 8,
    spellcheck: "false",
    "aria-label": "SQL statement",
    "aria-describedby": "sql-hint",
    "data-testid": "sql-text",
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void run();
    },
  });
  text.value = view.get().sql ?? examples[0]!.sql;
  const runButton = h("button", { class: "button strong", "data-testid": "sql-run", onclick: () => void run() }, "Run");
  const summary = h("p", { class: "sql-summary", role: "status", "data-testid": "sql-summary" });
  const problem = h("p", { class: "problem", role: "alert", "data-testid": "sql-problem" });
  const save = h("button", { class: "button", onclick: download }, "Download CSV");
  save.hidden = true;
  const chart = createSqlChart((run) => feed.runs.get(run)?.name ?? run);
  chart.element.hidden = true;
  const table = h("div", {});
  const element = h(
    "section",
    { class: "sql", "aria-labelledby": "sql-title", "data-testid": "sql-panel" },
    h("h1", { id: "sql-title" }, "SQL"),
    h(
      "p",
      { id: "sql-hint", class: "quiet" },
      "One read-only statement over the views ",
      ...["runs", "metrics", "latest_metrics", "run_summary", "raw_link", "audit"].flatMap((name, i) => [
        i > 0 ? ", " : "",
        h("code", {}, name),
      ]),
      ". Ctrl+Enter runs it.",
    ),
    h(
      "div",
      { class: "sql-examples", role: "group", "aria-label": "Examples" },
      ...examples.map(({ title, sql }) =>
        h(
          "button",
          {
            class: "chip-button",
            onclick: () => {
              text.value = sql;
              void run();
            },
          },
          title,
        ),
      ),
    ),
    text,
    h("div", { class: "sql-actions" }, runButton, save, summary),
    problem,
    chart.element,
    table,
  );
  let running: AbortController | null = null;
  let csv = "";

  async function run() {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    view.set({ sql: text.value });
    setText(problem, "");
    setText(summary, "Running …");
    try {
      const result = await api.sql(text.value, mine.signal);
      if (running !== mine) return;
      const count = `${result.rows.length}${result.truncated ? " first" : ""} ${result.rows.length === 1 ? "row" : "rows"}`;
      setText(summary, `${count} in ${Math.round(result.ms)} ms${result.truncated ? "; there are more" : ""}`);
      csv = toCsv(result);
      save.hidden = false;
      chart.show(result);
      table.replaceChildren(sqlTable(result));
    } catch (error) {
      if (mine.signal.aborted) return;
      const { message, fix } = error as Problem;
      setText(summary, "");
      chart.clear();
      table.replaceChildren();
      save.hidden = true;
      setText(problem, [message, fix].filter(Boolean).join(" "));
    }
  }

  function download() {
    const address = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    h("a", { href: address, download: `${project}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  return { element, redraw: chart.redraw, dispose: chart.dispose };
}
