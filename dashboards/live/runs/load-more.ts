import { h, setText } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import { serverSort } from "./order.ts";

/**
 * What stands below runs of which not all are loaded: how far the order holds, and a button that
 * loads more.
 */
export function loadMore({ view, feed }: PageContext) {
  const order = h("p", { class: "quiet", role: "status", "data-testid": "runs-order" });
  const button = h("button", { class: "button wide", onclick: () => void feed.more() }, "Load more runs");
  const element = h("div", { class: "more-runs" }, order, button);
  return {
    element,
    update() {
      element.hidden = !feed.hasMore();
      const { sort, params } = view.get();
      const done = [
        ...(params.length > 0 ? ["Filtered by params"] : []),
        ...(serverSort(sort) === undefined ? ["sorted"] : []),
      ].join(" and ");
      const said = `${done.charAt(0).toUpperCase()}${done.slice(1)} among the ${feed.runs.size} runs loaded; there are more.`;
      setText(order, done === "" ? "" : said);
    },
  };
}
