import type { PageDashboard } from "../../page-dashboards.ts";
import type { Problem } from "../data/api.ts";
import { h, setAttribute, setText } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import { chosenIn, createPanelFilters } from "./filters.ts";
import { createPanel, type DashboardPanel } from "./panel.ts";
import { createAsk } from "./question.ts";

/** From a failure to the next attempt, ms: while a run trains the page changes all the time. */
const RETRY_MS = 10_000;

/** Creates the dashboards: those that every visualizer shows, with the same SQL. */
export function createDashboardsTab(context: PageContext) {
  const { view, api } = context;
  const choices = h("div", { class: "segments", role: "group", "aria-label": "Dashboard" });
  const filters = createPanelFilters(context);
  const about = h("p", { class: "quiet" });
  const problem = h("p", { class: "problem", role: "alert", "data-testid": "dashboards-problem" });
  const rows = h("div", { class: "panel-rows" });
  const title = h("h1", { id: "dashboards-title" }, "Dashboards");
  const element = h(
    "section",
    { class: "dashboards", "aria-labelledby": "dashboards-title", "data-testid": "dashboards" },
    h("div", { class: "toolbar" }, title, choices, filters.element),
    ...[about, problem, rows],
  );
  const ask = createAsk(api);
  const panels = new Map<Element, DashboardPanel>();
  let dashboards: readonly PageDashboard[] | null = null;
  let isAsked = false;
  let retrying: ReturnType<typeof setTimeout> | undefined;
  let shown: PageDashboard | null = null;
  let refreshing: ReturnType<typeof setInterval> | undefined;

  const sight = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) panels.get(target)?.setInSight(isIntersecting);
    },
    { rootMargin: "200px" },
  );

  async function load() {
    isAsked = true;
    try {
      dashboards = (await api.dashboards()).dashboards;
      setText(problem, dashboards.length === 0 ? "There is no dashboard." : "");
      context.changed();
    } catch (error) {
      const { message, fix } = error as Problem;
      setText(problem, [message, fix].filter(Boolean).join(" "));
      retrying = setTimeout(load, RETRY_MS);
    }
  }

  function takeDown() {
    sight.disconnect();
    clearInterval(refreshing);
    for (const panel of panels.values()) panel.dispose();
    panels.clear();
  }

  function build(dashboard: PageDashboard) {
    takeDown();
    shown = dashboard;
    setText(title, dashboard.title);
    setText(about, dashboard.description);
    rows.replaceChildren(
      ...dashboard.rows.map(({ height, panels: inRow }) =>
        h(
          "div",
          { class: "panel-row" },
          ...inRow.map((one) => {
            const panel = createPanel(context, one, height, ask);
            panels.set(panel.element, panel);
            sight.observe(panel.element);
            return panel.element;
          }),
        ),
      ),
    );
    refreshing = setInterval(() => {
      if (document.hidden || view.get().tab !== "dashboards") return;
      for (const panel of panels.values()) panel.refresh();
    }, dashboard.refresh * 1000);
  }

  function updateChoices(all: readonly PageDashboard[], chosen: PageDashboard) {
    if (choices.childElementCount !== all.length) {
      choices.replaceChildren(
        ...all.map(({ key, title }) =>
          h("button", { type: "button", "data-dashboard": key, onclick: () => view.set({ dashboard: key }) }, title),
        ),
      );
    }
    for (const button of choices.children)
      setAttribute(button, "aria-pressed", String((button as HTMLElement).dataset.dashboard === chosen.key));
  }

  function update() {
    if (!isAsked) void load();
    if (dashboards === null) return;
    const chosen = dashboards.find(({ key }) => key === view.get().dashboard) ?? dashboards[0];
    if (chosen === undefined) return;
    if (shown !== chosen) build(chosen);
    updateChoices(dashboards, chosen);
    filters.update(chosen.filters);
    const values = chosenIn(context);
    for (const panel of panels.values()) panel.choose(values);
  }

  return {
    element,
    update,
    /** Colours are others. */
    redraw() {
      for (const panel of panels.values()) panel.redraw();
    },
    dispose() {
      clearTimeout(retrying);
      takeDown();
    },
  };
}
