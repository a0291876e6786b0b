import type { RunWithSummary } from "../../functions/stores/store.ts";
import { createChartGrid } from "./charts/chart-grid.ts";
import { createColors } from "./charts/colors.ts";
import { createFigureThree } from "./charts/figure-three.ts";
import type { Context } from "./context.ts";
import type { Api, Problem, Session } from "./data/api.ts";
import { createFeed } from "./data/feed.ts";
import { openEditDialog, openStopDialog } from "./layout/dialogs.ts";
import { h } from "./layout/element.ts";
import { emptyState } from "./layout/empty-state.ts";
import { beforeFrame } from "./layout/frame.ts";
import { createHeader } from "./layout/header.ts";
import { icon } from "./layout/icon.ts";
import { createNotices } from "./layout/notices.ts";
import { onThemeChange } from "./layout/theme.ts";
import { createToolbar } from "./layout/toolbar.ts";
import { createRunsList } from "./runs/runs-list.ts";
import { serverSort } from "./runs/runs-order.ts";
import { createRunsTable } from "./runs/runs-table.ts";
import { axesFor, focusRun, shownRuns } from "./runs/selection.ts";
import { createSqlPanel } from "./sql/sql-panel.ts";
import type { Axis, ViewState } from "./view.ts";

export interface PageActions {
  /** The session may have ended. */
  check(): void;
  project(project: string): void;
  signOut(): void;
}

/** The whole page for one project. Returns what takes it down again. */
export function showPage(
  root: HTMLElement,
  api: Api,
  session: Session,
  view: ViewState,
  actions: PageActions,
): () => void {
  const project = session.projects.includes(view.get().project ?? "")
    ? view.get().project!
    : (session.projects[0] ?? "default");
  const notices = createNotices();
  const report = (problem: Problem) => {
    if (problem.status !== 401) notices.say(problem.message, "error", problem.fix);
  };
  const feed = createFeed(api, project, {
    runs: changed,
    series: changed,
    status: (status) => header.status(status),
    skipped: lookAgain,
    refused: actions.check,
    problem: report,
  });
  const shown = () => shownRuns(view.get(), feed.runs);
  const focus = () => focusRun(view.get(), shown());
  // Chosen when the runs are, and kept while they grow: an axis does not change under the reader, unless it is empty.
  let chosen: { runs: string; axes: Axis[] } | null = null;
  const context: Context = {
    api,
    session,
    project,
    view,
    feed,
    colors: createColors(),
    shown,
    focus,
    axis: () => view.get().x ?? chosen?.axes[0] ?? "epoch",
    notify: notices.say,
    askToStop: (run) =>
      openStopDialog(api, run, () => {
        notices.say(`Asked ${run.name} to stop.`);
        void feed.refresh(run.run);
      }),
    edit: (run) => openEditDialog(api, run, () => void feed.refresh(run.run)),
    archive: (run, archived) => void archive(run, archived),
  };
  const header = createHeader(session, project, {
    tab: (tab) => view.set({ tab }),
    project: actions.project,
    signOut: actions.signOut,
  });
  header.status("connecting");
  const list = createRunsList(context);
  const figure = createFigureThree(context);
  const toolbar = createToolbar(context);
  const grid = createChartGrid(context);
  const table = createRunsTable(context);
  const sql = createSqlPanel(context);
  const empty = emptyState(project);
  const runsToggle = h(
    "button",
    {
      class: "button runs-toggle",
      "aria-controls": "runs-panel",
      onclick: () => openRuns(!body.classList.contains("runs-open")),
    },
    icon("list"),
    "Runs",
  );
  list.element.id = "runs-panel";
  const charts = h("div", { class: "charts-tab" }, figure.element, toolbar.element, grid.element);
  const main = h("main", { id: "main", tabindex: -1 }, charts, table.element, sql.element, empty);
  const body = h(
    "div",
    { class: "body" },
    runsToggle,
    h("aside", { "aria-labelledby": "runs-title" }, list.element),
    main,
  );
  let takenDown = false;

  root.replaceChildren(
    h("a", { class: "skip", href: "#main", onclick: skip }, "Skip to the charts"),
    header.element,
    body,
    notices.element,
  );

  function skip(event: Event) {
    // The address holds the view: the link moves the focus only.
    event.preventDefault();
    main.focus();
  }

  /** On a narrow page the list opens and closes; the focus does not stay behind in it. */
  function openRuns(open: boolean) {
    const left = !open && list.element.contains(document.activeElement) && body.classList.contains("runs-open");
    body.classList.toggle("runs-open", open);
    runsToggle.setAttribute("aria-expanded", String(open));
    if (left) runsToggle.focus();
  }
  openRuns(false);

  async function archive(run: RunWithSummary, archived: boolean) {
    await api
      .tag(project, run.run, { archived })
      .then(
        () =>
          notices.say(
            archived ? `${run.name} is archived. “Show archived” lists it again.` : `${run.name} is back in the list.`,
          ),
        report,
      );
    await feed.refresh(run.run);
  }

  const looked = new Set<string>();

  /** Settles from view and data what is to be fetched, before anything is drawn. */
  function settle() {
    for (const run of view.get().runs ?? []) if (!feed.runs.has(run)) look(run);
    const runs = shown();
    const mine = focus();
    if (mine) look(mine.run);
    for (const run of runs) if (run.summary.length === 0) look(run.run);
    const byAge = [...feed.runs.values()].sort((a, b) => a.started_at.localeCompare(b.started_at));
    context.colors.introduce(byAge.map((run) => run.run));
    context.colors.together(runs.map((run) => run.run));
    const names = runs.map((run) => run.run).join("\n");
    const hasValues = runs.some((run) => run.summary.length > 0);
    if (chosen?.runs !== names) chosen = hasValues ? { runs: names, axes: axesFor(runs) } : null;
    else if (chosen.axes.length > 1 && feed.isWithoutPoints(chosen.axes[0]!)) chosen.axes.shift();
    const x = context.axis();
    feed.want({ runs: runs.map((run) => run.run), metrics: grid.wanted(), x: x === "clock" ? "time" : x });
  }

  /** Audit and values by batch come with a run's own page only. */
  function look(run: string) {
    if (looked.has(run)) return;
    looked.add(run);
    void feed.refresh(run);
  }

  function lookAgain() {
    const again = shown().filter(({ run }) => looked.has(run));
    looked.clear();
    for (const { run } of again) look(run);
  }

  function changed() {
    if (takenDown) return;
    if (feed.isListed()) settle();
    beforeFrame("page", draw);
  }

  function draw() {
    if (takenDown) return;
    const { tab } = view.get();
    header.update(view.get());
    const loaded = feed.isListed();
    const none = loaded && feed.runs.size === 0 && view.get().text === "" && view.get().state === null && tab !== "sql";
    empty.hidden = !none;
    body.classList.toggle("without-runs", tab !== "charts" || none);
    charts.hidden = tab !== "charts" || none || !loaded;
    table.element.hidden = tab !== "table" || none;
    sql.element.hidden = tab !== "sql";
    document.title = titleOf(focus(), project);
    if (tab === "charts") {
      list.update();
      figure.update();
      toolbar.update();
      grid.update();
    } else if (tab === "table") table.update();
  }

  async function load() {
    const { sort, text, state, archived } = view.get();
    await feed.list({
      sort: serverSort(sort) ?? "-started_at",
      archived,
      ...(text.trim() ? { text: text.trim() } : {}),
      ...(state ? { state } : {}),
    });
  }

  let typing: ReturnType<typeof setTimeout> | undefined;
  const offView = view.onChange((keys) => {
    if (keys.has("project") && view.get().project !== null && view.get().project !== project)
      return actions.project(view.get().project!);
    if ((["text", "sort", "state", "archived"] as const).some((key) => keys.has(key))) {
      clearTimeout(typing);
      typing = setTimeout(() => void load(), 200);
    }
    if (keys.has("focus") || keys.has("tab")) openRuns(false);
    changed();
  });
  const offTheme = onThemeChange(() => {
    sql.redraw();
    changed();
  });

  void load();
  changed();

  return () => {
    takenDown = true;
    offView();
    offTheme();
    clearTimeout(typing);
    feed.close();
    figure.dispose();
    grid.dispose();
    sql.dispose();
  };
}

function titleOf(run: RunWithSummary | null, project: string): string {
  if (!run) return `${project} · Integraviz`;
  return `${run.state === "running" ? "● " : ""}${run.name} · ${project} · Integraviz`;
}
