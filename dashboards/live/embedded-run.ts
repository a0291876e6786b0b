import { createChartData } from "./chart-data.ts";
import { createChartGrid } from "./charts/grid.ts";
import type { Api, Problem } from "./data/api.ts";
import { createFeed } from "./data/feed.ts";
import type { StreamStatus } from "./data/stream.ts";
import { createGauges } from "./focused-run/gauges.ts";
import { h, setAttribute, setText } from "./layout/element.ts";
import { beforeNextFrame } from "./layout/redraw.ts";
import { onThemeChange } from "./layout/theme.ts";
import { stateMark } from "./runs/state-mark.ts";
import type { ViewState } from "./view.ts";

const STATUS: Partial<Record<StreamStatus, string>> = {
  connecting: "Connecting …",
  reconnecting: "Reconnecting …",
};

/** Shows one sentence where the charts would be. */
export function showSentence(root: HTMLElement, text: string) {
  root.replaceChildren(h("p", { class: "embed-said", role: "status", "data-testid": "embed-said" }, text));
}

/**
 * Shows gauges and lines of one run, live, and nothing else: the paper's Figure 3 in a frame. `end`
 * leaves them as they stand and says why.
 */
export function showRunCharts(
  root: HTMLElement,
  api: Api,
  { project, run }: { project: string; run: string },
  view: ViewState,
) {
  const name = h("h1", { class: "focused-title", "data-testid": "focus-name" });
  const mark = stateMark();
  const status = h("span", { class: "quiet", role: "status", "data-testid": "embed-status" });
  const said = h("p", { class: "embed-said", role: "status", "data-testid": "embed-said" });
  const listener = {
    runs: changed,
    series: changed,
    status(now: StreamStatus) {
      setText(status, STATUS[now] ?? "");
      setAttribute(status, "data-status", now);
    },
    skipped: () => data.lookAgain(),
    // Whether the token is still good the answer tells.
    refused: () => void api.run(project, run).catch(() => undefined),
    problem: ({ status, message }: Problem) => status !== 401 && say(message),
  };
  const feed = createFeed(api, project, listener, run);
  view.set({ runs: [run], focus: null, groupBy: null });
  const data = createChartData(feed, view, changed);
  const gauges = createGauges(data.context);
  const grid = createChartGrid(data.context);
  const charts = h("div", { class: "embed-charts" }, gauges.element, grid.element);
  let isEnded = false;

  function say(text: string) {
    setText(said, text);
    said.hidden = text === "";
  }

  function changed() {
    if (isEnded) return;
    if (feed.isListed()) data.fetchMissing(grid.wanted);
    beforeNextFrame("embed", draw);
  }

  function draw() {
    const shown = data.context.focus();
    charts.hidden = name.hidden = mark.element.hidden = shown === null;
    if (shown === null) {
      if (!isEnded && feed.isListed()) say(`There is no run ${run} yet. Its charts come with its first event.`);
      return;
    }
    if (!isEnded) say("");
    setText(name, shown.name);
    document.title = `${shown.name} · ${project} · Integraviz`;
    mark.update(shown.state, feed.pendingStop(shown) !== null);
    gauges.update(shown);
    grid.update();
  }

  view.onChange(changed);
  onThemeChange(changed);
  root.replaceChildren(
    h("main", { class: "embed" }, h("header", { class: "embed-head" }, name, mark.element, status), said, charts),
  );
  // Only for where the log ends, and the run itself where it is among the answers.
  void feed.list({ text: run, sort: "-started_at", archived: true });
  changed();

  return {
    end(why: string) {
      isEnded = true;
      feed.close();
      setText(status, "");
      say(why);
    },
  };
}
