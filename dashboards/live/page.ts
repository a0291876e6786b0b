import type { RunWithSummary } from "../../functions/stores/store.ts";
import { createChartData } from "./chart-data.ts";
import { createChartGrid } from "./charts/grid.ts";
import { createToolbar } from "./charts/toolbar.ts";
import type { Api, Problem, Session } from "./data/api.ts";
import { createFeed, type Feed } from "./data/feed.ts";
import { createFocusedRun } from "./focused-run/card.ts";
import { h } from "./layout/element.ts";
import { emptyState } from "./layout/empty-state.ts";
import { createHeader } from "./layout/header.ts";
import { createNotices } from "./layout/notices.ts";
import { createPageLayout } from "./layout/page-layout.ts";
import { beforeNextFrame } from "./layout/redraw.ts";
import { onThemeChange } from "./layout/theme.ts";
import type { ChartContext, PageContext } from "./page-context.ts";
import { createDashboardsTab } from "./panels/tab.ts";
import { openAdjustDialog, openEditDialog, openEndDialog, openStopDialog } from "./runs/dialogs.ts";
import { createRunsList } from "./runs/list.ts";
import { serverSort } from "./runs/order.ts";
import { createRunsTable } from "./runs/table.ts";
import { openSavedView, openViewsDialog } from "./saved-views.ts";
import { createSqlPanel } from "./sql/panel.ts";
import type { View, ViewState } from "./view.ts";

/** The list is read anew when its filters have rested for so long. */
const TYPING_MS = 200;
const LIST_KEYS = ["text", "sort", "state", "archived"] as const satisfies readonly (keyof View)[];

export interface PageActions {
  /** The session may have ended. */
  check(): void;
  project(project: string): void;
  signOut(): void;
}

/** Shows the whole page for one project. Returns what takes it down again. */
export function showPage(
  root: HTMLElement,
  api: Api,
  session: Session,
  project: string,
  view: ViewState,
  actions: PageActions,
): () => void {
  const notices = createNotices();
  const report = ({ status, message, fix }: Problem) => status !== 401 && notices.say(message, "error", fix);
  const feed = createFeed(api, project, {
    runs: changed,
    series: changed,
    status: (status) => header.status(status),
    skipped: () => data.lookAgain(),
    refused: actions.check,
    problem: report,
  });
  const data = createChartData(feed, view, changed);
  const context = createContext({ ...data.context, api, session, project, notify: notices.say }, report);
  const header = createHeader(session, project, {
    ...actions,
    tab: (tab) => view.set({ tab }),
    views: () => void openViewsDialog(context),
  });
  header.status("connecting");
  const list = createRunsList(context);
  const focused = createFocusedRun(context);
  const toolbar = createToolbar(context);
  const grid = createChartGrid(context);
  const table = createRunsTable(context);
  const dashboards = createDashboardsTab(context);
  const sql = createSqlPanel(context);
  const parts = { charts: [list, focused, toolbar, grid], dashboards: [dashboards], table: [table], sql: [] } as const;
  const charts = h("div", { class: "charts-tab" }, focused.element, toolbar.element, grid.element);
  const layout = createPageLayout(root, {
    header: header.element,
    runs: list.element,
    tabs: { charts, dashboards: dashboards.element, table: table.element, sql: sql.element },
    empty: emptyState(project),
    notices: notices.element,
  });
  let isDown = false;

  function changed() {
    if (isDown) return;
    if (feed.isListed()) data.fetchMissing(grid.wanted);
    beforeNextFrame("page", draw);
  }

  function draw() {
    if (isDown) return;
    const { tab, text, state } = view.get();
    const isLoaded = feed.isListed();
    const hasNoRuns = isLoaded && feed.runs.size === 0 && text === "" && state === null && tab !== "sql";
    header.update(view.get());
    layout.update({ tab, isLoaded, hasNoRuns });
    document.title = titleOf(context.focus(), project);
    for (const part of parts[tab]) part.update();
  }

  const runsList = createListReader(feed, view);
  const offView = view.onChange((keys) => {
    const next = view.get().project;
    if (next !== null && next !== project && session.projects.includes(next)) return actions.project(next);
    if (LIST_KEYS.some((key) => keys.has(key))) runsList.readSoon();
    if (keys.has("saved")) void openSavedView(context);
    if (keys.has("focus") || keys.has("tab")) layout.closeRuns();
    changed();
  });
  const offTheme = onThemeChange(() => {
    dashboards.redraw();
    sql.redraw();
    changed();
  });

  runsList.read();
  void openSavedView(context);
  changed();

  return () => {
    isDown = true;
    offView();
    offTheme();
    runsList.stop();
    for (const part of [focused, grid, dashboards, sql]) part.dispose();
    feed.close();
  };
}

type Shared = ChartContext & Pick<PageContext, "api" | "session" | "project" | "notify">;

/** Creates what the parts of the page share. */
function createContext(shared: Shared, report: (problem: Problem) => void): PageContext {
  const { api, project, feed, notify } = shared;

  async function archive(run: RunWithSummary, archived: boolean) {
    const done = archived
      ? `${run.name} is archived. “Archived too” lists it again.`
      : `${run.name} is back in the list.`;
    await api.tag(project, run.run, { archived }).then(() => notify(done), report);
    await feed.refresh(run.run);
  }

  return {
    ...shared,
    askToStop: (run) =>
      openStopDialog(api, run, () => {
        notify(`Asked ${run.name} to stop.`);
        void feed.refresh(run.run);
      }),
    askToAdjust: (run) =>
      openAdjustDialog(api, run, () => {
        notify(`Asked ${run.name} for another value.`);
        void feed.refresh(run.run);
      }),
    markEnded: (run) =>
      openEndDialog(api, run, () => {
        notify(`${run.name} is marked as ended.`);
        void feed.refresh(run.run);
      }),
    edit: (run) => openEditDialog(api, run, () => void feed.refresh(run.run)),
    archive: (run, archived) => void archive(run, archived),
  };
}

/** Creates what reads the list that the view asks for. */
function createListReader(feed: Feed, view: ViewState) {
  let typing: ReturnType<typeof setTimeout> | undefined;

  function read() {
    const { sort, text, state, archived } = view.get();
    const needle = text.trim();
    void feed.list({
      sort: serverSort(sort) ?? "-started_at",
      archived,
      ...(needle ? { text: needle } : {}),
      ...(state ? { state } : {}),
    });
  }

  return {
    read,
    readSoon() {
      clearTimeout(typing);
      typing = setTimeout(read, TYPING_MS);
    },
    stop: () => clearTimeout(typing),
  };
}

function titleOf(run: RunWithSummary | null, project: string): string {
  if (!run) return `${project} · Integraviz`;
  return `${run.state === "running" ? "● " : ""}${run.name} · ${project} · Integraviz`;
}
