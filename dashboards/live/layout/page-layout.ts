import type { Tab } from "../view.ts";
import { h } from "./element.ts";
import { icon } from "./icon.ts";

interface Parts {
  header: HTMLElement;
  /** The list of runs, beside the charts or, on a narrow page, behind a button. */
  runs: HTMLElement;
  tabs: Record<Tab, HTMLElement>;
  /** What stands there while a project has no run. */
  empty: HTMLElement;
  notices: HTMLElement;
}

export interface PageState {
  tab: Tab;
  isLoaded: boolean;
  hasNoRuns: boolean;
}

/** Creates the page around its parts: which of them are seen, and how one moves between them. */
export function createPageLayout(root: HTMLElement, { header, runs, tabs, empty, notices }: Parts) {
  const toggle = h(
    "button",
    { class: "button runs-toggle", "aria-controls": "runs-panel", onclick: () => openRuns(!isOpen()) },
    icon("list"),
    "Runs",
  );
  runs.id = "runs-panel";
  const main = h("main", { id: "main", tabindex: -1 }, ...Object.values(tabs), empty);
  const body = h("div", { class: "body" }, toggle, h("aside", { "aria-labelledby": "runs-title" }, runs), main);
  root.replaceChildren(
    h("a", { class: "skip", href: "#main", onclick: skip }, "Skip to the charts"),
    header,
    body,
    notices,
  );

  function skip(event: Event) {
    // The address holds the view: the link moves the focus only.
    event.preventDefault();
    main.focus();
  }

  const isOpen = () => body.classList.contains("runs-open");

  /** On a narrow page the list opens and closes; the focus does not stay behind in it. */
  function openRuns(open: boolean) {
    const isLeft = !open && isOpen() && runs.contains(document.activeElement);
    body.classList.toggle("runs-open", open);
    toggle.setAttribute("aria-expanded", String(open));
    if (isLeft) toggle.focus();
  }

  openRuns(false);

  return {
    closeRuns: () => openRuns(false),
    update({ tab, isLoaded, hasNoRuns }: PageState) {
      empty.hidden = !hasNoRuns;
      body.classList.toggle("without-runs", tab !== "charts" || hasNoRuns);
      tabs.charts.hidden = tab !== "charts" || hasNoRuns || !isLoaded;
      tabs.dashboards.hidden = tab !== "dashboards" || hasNoRuns;
      tabs.table.hidden = tab !== "table" || hasNoRuns;
      tabs.sql.hidden = tab !== "sql";
    },
  };
}
