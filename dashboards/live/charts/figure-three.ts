import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { type Context, mayControl } from "../context.ts";
import type { Latest } from "../data/latest.ts";
import { gaugeMetrics } from "../data/metric-names.ts";
import { type AskedStop, lastStop } from "../data/run-events.ts";
import { h, keyed, setAttribute, setText } from "../layout/element.ts";
import { icon } from "../layout/icon.ts";
import { inks, theme } from "../layout/theme.ts";
import { formatAny, formatDuration, formatMoment } from "../layout/values.ts";
import { stateMark } from "../runs/run-state.ts";
import { durationOf, summaryOf } from "../runs/runs-order.ts";
import { createGauge } from "./gauge.ts";

/** The paper's Figure 3 for one run: two gauges, what the run is, where it stands, and the button that stops it. */
export function createFigureThree(context: Context) {
  const { feed } = context;
  const title = h("h1", { class: "figure-title", "data-testid": "focus-name" });
  const id = h("code", { class: "figure-id", title: "Run id" });
  const mark = stateMark();
  mark.element.dataset.testid = "focus-state";
  const button = (
    name: Parameters<typeof icon>[0],
    label: string,
    testid: string,
    act: (run: RunWithSummary) => void,
    style = "",
  ) => {
    const text = h("span", {}, label);
    const onclick = () => {
      const run = context.focus();
      if (run) act(run);
    };
    return {
      element: h("button", { class: `button ${style}`, "data-testid": testid, onclick }, icon(name), text),
      text,
    };
  };
  const stop = button("stop", "Stop run", "stop-run", context.askToStop, "danger");
  const edit = button("edit", "Name and note", "edit-run", context.edit);
  const archive = button("archive", "Archive", "archive-run", (run) => context.archive(run, !run.archived));
  const asked = h("p", { class: "asked", role: "status", "data-testid": "stop-asked" });
  const note = h("p", { class: "note" });
  const gauges = [createGauge(), createGauge()];
  const facts = h("dl", { class: "facts" });
  const params = h("ul", { class: "chips", "aria-label": "Params and tags" });
  const bar = h("div", { class: "progress", "aria-hidden": "true" }, h("div", {}));
  const element = h(
    "section",
    { class: "figure-three", "aria-label": "Current run", "data-testid": "figure-three" },
    h(
      "header",
      { class: "figure-head" },
      h("div", { class: "figure-name" }, title, mark.element, id),
      h("div", { class: "figure-actions" }, stop.element, edit.element, archive.element),
    ),
    asked,
    h(
      "div",
      { class: "figure-body" },
      h("div", { class: "gauges" }, ...gauges.map((gauge) => gauge.element)),
      h("div", { class: "figure-facts" }, facts, bar, params, note),
    ),
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
    const may = mayControl(context);
    stop.element.hidden = !may || (run.state !== "running" && run.state !== "lost");
    setText(stop.text, pending ? "Ask again" : "Stop run");
    edit.element.hidden = archive.element.hidden = !may;
    setText(archive.text, run.archived ? "Restore" : "Archive");
    const answered = run.state === "stopped" ? lastStop(feed.audit(run.run)) : null;
    setText(
      asked,
      pending
        ? `Stop asked by ${whoAndWhy(pending)} Waiting for the run to answer.`
        : answered
          ? `Stopped as asked by ${whoAndWhy(answered)}`
          : "",
    );
    asked.hidden = asked.textContent === "";
    asked.classList.toggle("answered", pending === null);
    setText(note, run.note ?? "");
    note.hidden = run.note === null;
    updateGauges(run);
    updateFacts(run);
  }

  function updateGauges(run: RunWithSummary) {
    const metrics = gaugeMetrics(run.summary.map((row) => row.metric));
    gauges.forEach((gauge, i) => {
      const metric = metrics[i] ?? (i === 0 ? "accuracy" : "loss");
      const train = feed.latest.of(run, metric, "train") ?? feed.latest.of(run, metric, "test");
      const validation = feed.latest.of(run, metric, "validation");
      const rows = [summaryOf(run, metric, "train"), summaryOf(run, metric, "validation")];
      const values = [train?.value, validation?.value, ...rows.flatMap((row) => [row?.min, row?.max])].filter(
        (value): value is number => typeof value === "number" && Number.isFinite(value),
      );
      gauge.update({
        metric,
        run: run.run,
        value: train?.value ?? null,
        validation: validation?.value ?? null,
        min: Math.min(0, ...values),
        max: Math.max(0, ...values),
        coordinates: coordinatesText(run, train),
        color: context.colors.of(run.run, theme()),
        ink: inks(),
      });
    });
  }

  function coordinatesText(run: RunWithSummary, latest: Latest | null): string {
    if (!latest) return "no value yet";
    const epoch = latest.epoch ?? (latest.level === "epoch" ? lastEpoch(run) : null);
    const parts = [epoch === null ? null : `epoch ${epoch}`];
    if (latest.level === "batch")
      parts.push(
        latest.batch !== null ? `batch ${latest.batch}` : latest.step !== null ? `step ${latest.step}` : "last batch",
      );
    return parts.filter((part) => part !== null).join(", ") || "last epoch";
  }

  /** Epochs are counted from 0: the summary's count of points tells the last one where the stream has not. */
  function lastEpoch(run: RunWithSummary): number | null {
    const { epoch } = feed.latest.coordinates(run.run);
    if (epoch !== null) return epoch;
    const points = Math.max(0, ...run.summary.filter((row) => row.level === "epoch").map((row) => row.points));
    return points > 0 ? points - 1 : null;
  }

  function updateFacts(run: RunWithSummary) {
    const epoch = lastEpoch(run);
    const epochs = typeof run.params.epochs === "number" ? run.params.epochs : null;
    const done = Math.max(0, ...run.summary.filter((row) => row.level === "epoch").map((row) => row.points));
    const elapsed = durationOf(run);
    const left =
      run.state === "running" && epochs !== null && done > 0 && done < epochs
        ? (elapsed / done) * (epochs - done)
        : null;
    const { step } = feed.latest.coordinates(run.run);
    const rows: [string, string][] = [
      ["Epoch", epoch === null ? "–" : epochs === null ? String(epoch) : `${Math.min(done, epochs)} of ${epochs} done`],
      ...(step === null ? [] : [["Step", String(step)] as [string, string]]),
      [run.state === "running" ? "Elapsed" : "Took", formatDuration(elapsed)],
      ...(left === null ? [] : [["Left, about", formatDuration(left)] as [string, string]]),
      ["Started", formatMoment(run.started_at)],
    ];
    keyed(
      facts,
      rows,
      ([name]) => name,
      ([name]) => h("div", {}, h("dt", {}, name), h("dd", {})),
      (row, [, value]) => setText(row.querySelector("dd")!, value),
    );
    bar.hidden = epochs === null || run.state !== "running";
    (bar.firstElementChild as HTMLElement).style.width =
      `${epochs === null ? 0 : Math.min(100, (100 * done) / epochs)}%`;
    const tags = Object.entries(run.tags).filter(
      ([name]) => !["name", "note", "archived", "provenance"].includes(name),
    );
    keyed(
      params,
      [
        ...Object.entries(run.params).map((pair) => ["param", ...pair] as const),
        ...tags.map((pair) => ["tag", ...pair] as const),
      ],
      ([kind, name]) => `${kind} ${name}`,
      ([kind, name]) => h("li", { class: kind }, h("span", {}, name), h("b", {})),
      (chip, [, , value]) => {
        setText(chip.querySelector("b")!, formatAny(value));
        setAttribute(chip, "title", typeof value === "string" ? value : null);
      },
    );
    params.hidden = params.childElementCount === 0;
  }

  // Elapsed time goes on between events.
  const clock = setInterval(() => {
    const run = context.focus();
    if (run?.state === "running" && !document.hidden) updateFacts(run);
  }, 1000);

  function dispose() {
    clearInterval(clock);
    for (const gauge of gauges) gauge.dispose();
  }

  return { element, update, dispose };
}

const whoAndWhy = ({ actor, at, reason }: AskedStop) =>
  `${actor ?? "someone"} at ${new Date(at).toLocaleTimeString()}${reason ? `: ${/[.!?…]$/.test(reason) ? reason : `${reason}.`}` : "."}`;
