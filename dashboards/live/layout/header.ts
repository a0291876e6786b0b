import type { Session } from "../data/api.ts";
import type { StreamStatus } from "../data/stream.ts";
import { formatView, type Tab, type View } from "../view.ts";
import { h, setAttribute, setOptions, setText } from "./element.ts";
import { icon } from "./icon.ts";
import { chooseTheme, type ThemeChoice, themeChoice } from "./theme.ts";
import { wordmark } from "./wordmark.ts";

const TABS: [Tab, string][] = [
  ["charts", "Charts"],
  ["dashboards", "Dashboards"],
  ["table", "Table"],
  ["sql", "SQL"],
];
const STATUS: Record<StreamStatus, string> = {
  connecting: "Connecting",
  live: "Live",
  polling: "Live, polled",
  reconnecting: "Reconnecting",
  paused: "Paused",
};
const NEXT_THEME: Record<ThemeChoice, ThemeChoice> = { auto: "light", light: "dark", dark: "auto" };

export interface HeaderActions {
  tab(tab: Tab): void;
  project(project: string): void;
  signOut(): void;
  views(): void;
}

export function createHeader(session: Session, project: string, actions: HeaderActions) {
  const picker = h("select", {
    class: "field project",
    "aria-label": "Project",
    "data-testid": "project",
    onchange: () => actions.project(picker.value),
  });
  setOptions(
    picker,
    session.projects.map((name) => [name, name]),
    project,
  );
  const only = h("span", { class: "project-name" }, project);
  const links = TABS.map(([tab, label]) =>
    h(
      "a",
      {
        href: "#",
        "data-tab": tab,
        "data-testid": `tab-${tab}`,
        onclick: (event: MouseEvent) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          actions.tab(tab);
        },
      },
      label,
    ),
  );
  const live = h(
    "span",
    { class: "live", role: "status", "data-testid": "live" },
    h("span", { class: "live-dot", "aria-hidden": "true" }),
    h("span", { class: "live-text" }),
  );
  const theme = h("button", {
    class: "icon-button",
    "data-testid": "theme",
    onclick: () => {
      chooseTheme(NEXT_THEME[themeChoice()]);
      showTheme();
    },
  });
  const views = h(
    "button",
    { class: "icon-button", "aria-label": "Views", title: "Views", "data-testid": "views", onclick: actions.views },
    icon("bookmark"),
  );
  const leave = h(
    "button",
    {
      class: "icon-button",
      "aria-label": "Log out",
      title: `Log out ${session.actor}`,
      "data-testid": "logout",
      onclick: actions.signOut,
    },
    icon("leave"),
  );
  const element = h(
    "header",
    { class: "top" },
    wordmark(),
    session.projects.length > 1 ? picker : only,
    h("nav", { "aria-label": "Views" }, ...links),
    h("span", { class: "spring" }),
    live,
    h("span", { class: "actor" }, session.actor),
    views,
    theme,
    leave,
  );

  function showTheme() {
    const choice = themeChoice();
    const label = `Theme: ${choice === "auto" ? "as the system" : choice}. Change to ${NEXT_THEME[choice] === "auto" ? "as the system" : NEXT_THEME[choice]}.`;
    theme.replaceChildren(icon(choice));
    setAttribute(theme, "aria-label", label);
    setAttribute(theme, "title", label);
  }
  showTheme();

  return {
    element,
    status(status: StreamStatus) {
      setAttribute(live, "data-status", status);
      setText(live.querySelector(".live-text")!, STATUS[status]);
    },
    update(view: Readonly<View>) {
      for (const link of links) {
        const tab = link.dataset.tab as Tab;
        setAttribute(link, "href", `#${formatView({ ...view, tab })}`);
        setAttribute(link, "aria-current", view.tab === tab ? "page" : null);
      }
    },
  };
}
