import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { h, setAttribute, setText } from "../layout/element.ts";
import { icon } from "../layout/icon.ts";
import { theme } from "../layout/theme.ts";
import { mayControl, type PageContext } from "../page-context.ts";
import { stateMark } from "../runs/state-mark.ts";
import { createAdjustNotices } from "./adjust-notices.ts";
import { createFacts } from "./facts.ts";
import { createGauges } from "./gauges.ts";
import { createStopNotice } from "./stop-notice.ts";

/**
 * Creates the card of the run in focus, the paper's Figure 3: two gauges, what the run is, where it
 * stands, and the button that stops it.
 */
export function createFocusedRun(context: PageContext) {
  const { feed } = context;
  const title = h("h1", { class: "focused-title", "data-testid": "focus-name" });
  const id = h("code", { class: "focused-id", title: "Run id" });
  const mark = stateMark();
  mark.element.dataset.testid = "focus-state";
  const actions = createActions(context);
  const stopNotice = createStopNotice();
  const adjustNotices = createAdjustNotices();
  const note = h("p", { class: "note" });
  const gauges = createGauges(context);
  const facts = createFacts(context);
  const element = h(
    "section",
    { class: "focused-run", "aria-label": "Current run", "data-testid": "focused-run" },
    h(
      "header",
      { class: "focused-head" },
      h("div", { class: "focused-name" }, title, mark.element, id),
      actions.element,
    ),
    stopNotice.element,
    adjustNotices.element,
    h("div", { class: "focused-body" }, gauges.element, h("div", { class: "focused-facts" }, ...facts.elements, note)),
  );

  function update() {
    const run = context.focus();
    element.hidden = run === null;
    if (!run) return;
    const pending = feed.pendingStop(run);
    setText(title, run.name);
    setText(id, run.run);
    id.hidden = run.run === run.name;
    setAttribute(element, "data-run", run.run);
    setAttribute(element, "data-state", run.state);
    element.style.setProperty("--run", context.colors.of(run.run, theme()));
    mark.update(run.state, pending !== null);
    actions.update(run, pending !== null);
    stopNotice.update(run, pending, feed.audit(run.run));
    adjustNotices.update(run, feed.audit(run.run));
    setText(note, run.note ?? "");
    note.hidden = run.note === null;
    gauges.update(run);
    facts.update(run);
  }

  function dispose() {
    facts.dispose();
    gauges.dispose();
  }

  return { element, update, dispose };
}

/** Creates the buttons that act on the run in focus. */
function createActions(context: PageContext) {
  const stop = button("stop", "Stop run", "stop-run", context.askToStop, "danger");
  const adjust = button("adjust", "Adjust", "adjust-run", context.askToAdjust);
  const end = button("end", "Mark as ended", "end-run", context.markEnded);
  const edit = button("edit", "Name and note", "edit-run", context.edit);
  const archive = button("archive", "Archive", "archive-run", (run) => context.archive(run, !run.archived));
  const buttons = [stop, adjust, end, edit, archive].map((one) => one.element);
  const element = h("div", { class: "focused-actions" }, ...buttons);

  function button(
    sign: Parameters<typeof icon>[0],
    label: string,
    testid: string,
    act: (run: RunWithSummary) => void,
    style = "",
  ) {
    const text = h("span", {}, label);
    const onclick = () => {
      const run = context.focus();
      if (run) act(run);
    };
    const props = { class: `button ${style}`, "data-testid": testid, onclick };
    return { element: h("button", props, icon(sign), text), text };
  }

  return {
    element,
    update(run: RunWithSummary, isStopping: boolean) {
      const may = mayControl(context);
      stop.element.hidden = adjust.element.hidden = !may || (run.state !== "running" && run.state !== "lost");
      // A run that answers ends by itself.
      end.element.hidden = !may || (run.state !== "lost" && !(run.state === "running" && isStopping));
      setText(stop.text, isStopping ? "Ask again" : "Stop run");
      edit.element.hidden = archive.element.hidden = !may;
      setText(archive.text, run.archived ? "Restore" : "Archive");
    },
  };
}
