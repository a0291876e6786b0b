import type { SqlResult } from "../../../functions/stores/store.ts";
import { h } from "../layout/element.ts";
import { columnKinds } from "./columns.ts";

/** Rows put into the document at a time. */
const ROWS = 200;

/** A result as a table, exactly as the database gave it. */
export function sqlTable(result: SqlResult, label = "Result"): HTMLElement {
  const kinds = columnKinds(result);
  const body = h("tbody", {});
  const more = h("button", { class: "button wide", onclick: add }, "");
  let shown = 0;

  function add() {
    const rows = result.rows.slice(shown, shown + ROWS);
    shown += rows.length;
    body.append(
      ...rows.map((row) =>
        h(
          "tr",
          {},
          ...row.map((cell, i) =>
            h("td", { class: kinds[i] === "number" ? "number" : cell === null ? "null" : null }, cellText(cell)),
          ),
        ),
      ),
    );
    more.hidden = shown >= result.rows.length;
    more.textContent = `Show more (${result.rows.length - shown} left)`;
  }

  add();
  return h(
    "div",
    { class: "sql-table" },
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": label },
      h(
        "table",
        { class: "data", "data-testid": "sql-table" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ...result.columns.map((column, i) =>
              h(
                "th",
                { scope: "col", class: kinds[i] === "number" ? "number" : null, title: column.type },
                column.name,
              ),
            ),
          ),
        ),
        body,
      ),
    ),
    more,
  );
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return "null";
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}
