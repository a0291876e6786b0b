import type { RunWithSummary } from "../../functions/stores/store.ts";
import { createColors } from "./charts/colors.ts";
import { writersOf } from "./charts/lines.ts";
import type { Feed } from "./data/feed.ts";
import { gaugeMetrics } from "./data/metric-names.ts";
import type { ChartContext } from "./page-context.ts";
import { createAxisChoice } from "./runs/axis-choice.ts";
import { focusRun, shownRuns } from "./runs/selection.ts";
import type { ViewState } from "./view.ts";

/** Creates what charts and gauges are drawn from, and what asks for it before they are. */
export function createChartData(feed: Feed, view: ViewState, changed: () => void) {
  const colors = createColors();
  const choice = createAxisChoice(feed.isWithoutPoints);
  const shown = () => shownRuns(view.get(), feed.runs);
  const focus = () => focusRun(view.get(), shown());
  const axis = () => view.get().x ?? choice.get();
  const details = createDetails(feed, shown);
  const context: ChartContext = { view, feed, colors, shown, focus, axis, changed };

  /**
   * Gives colours by age, so that they do not depend on what is shown; those shown together differ.
   */
  function giveColors() {
    const byAge = [...feed.runs.values()].sort((a, b) => (a.started_at < b.started_at ? -1 : 1));
    colors.introduce(byAge.map((run) => run.run));
    const writers = shown().flatMap((run) => writersOf(feed.series, run).map(({ hue }) => hue));
    colors.together([...new Set([...shown().map((run) => run.run), ...writers])]);
  }

  return {
    context,
    /** Asks for what the view and these metrics need. */
    fetchMissing(metrics: () => string[]) {
      const runs = shown();
      details.look(view.get().runs ?? [], focus());
      giveColors();
      choice.update(runs);
      const axisName = axis();
      const x = axisName === "clock" ? "time" : axisName;
      const { smoothing, groupBy } = view.get();
      const wanted = { metrics: metrics(), x, smoothing, means: groupBy !== null } as const;
      feed.want({ runs: runs.map((run) => run.run), ...wanted });
    },
    lookAgain: details.lookAgain,
  };
}

/**
 * Creates what asks for the details of runs, once each: audit and values by batch come with them
 * only.
 */
function createDetails(feed: Feed, shown: () => RunWithSummary[]) {
  const looked = new Set<string>();
  const located = new Set<string>();

  function look(run: string) {
    if (looked.has(run)) return;
    looked.add(run);
    void feed.refresh(run);
  }

  /** The summary does not say at which epoch its last values are. */
  function locate({ run, summary }: RunWithSummary) {
    const metrics = gaugeMetrics(summary.map((row) => row.metric)).filter((name) => feed.refusalOf(name) === null);
    if (located.has(run) || metrics.length === 0) return;
    located.add(run);
    void feed.locate(run, metrics);
  }

  return {
    /**
     * Looks at runs that are asked for and not known, at the one in focus, and at those without
     * values.
     */
    look(asked: readonly string[], focus: RunWithSummary | null) {
      for (const run of asked) if (!feed.runs.has(run)) look(run);
      if (focus) look(focus.run);
      if (focus) locate(focus);
      for (const run of shown()) if (run.summary.length === 0) look(run.run);
    },
    lookAgain() {
      const again = shown().filter(({ run }) => looked.has(run));
      looked.clear();
      located.clear();
      for (const { run } of again) look(run);
    },
  };
}
