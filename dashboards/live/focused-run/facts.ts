import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { h, keyed, setAttribute, setText } from "../layout/element.ts";
import { formatAny, formatDuration, formatMoment } from "../layout/format.ts";
import type { PageContext } from "../page-context.ts";
import { type Progress, progressOf } from "./progress.ts";

/** Tags that stand elsewhere, or are too long for a chip. */
const HIDDEN_TAGS: ReadonlySet<string> = new Set(["name", "note", "archived", "provenance"]);

type Fact = [name: string, value: string];
type Chip = readonly [kind: "param" | "tag", name: string, value: unknown];

/** Creates how far a run has come, in words and as a bar, and its params and tags. */
export function createFacts(context: PageContext) {
  const facts = h("dl", { class: "facts" });
  const params = h("ul", { class: "chips", "aria-label": "Params and tags" });
  const bar = h("div", { class: "progress", "aria-hidden": "true" }, h("div", {}));

  function update(run: RunWithSummary) {
    updateProgress(run);
    updateChips(run);
  }

  function updateProgress(run: RunWithSummary) {
    const progress = progressOf(run, context.feed.latest.coordinates(run.run));
    const { done, epochs } = progress;
    keyed(
      facts,
      factsOf(run, progress),
      ([name]) => name,
      ([name]) => h("div", {}, h("dt", {}, name), h("dd", {})),
      (row, [, value]) => setText(row.querySelector("dd")!, value),
    );
    bar.hidden = epochs === null || run.state !== "running";
    (bar.firstElementChild as HTMLElement).style.width = `${epochs ? Math.min(100, (100 * (done ?? 0)) / epochs) : 0}%`;
  }

  function updateChips(run: RunWithSummary) {
    const tags = Object.entries(run.tags).filter(([name]) => !HIDDEN_TAGS.has(name));
    keyed<Chip>(
      params,
      [
        ...Object.entries(run.params).map((pair): Chip => ["param", ...pair]),
        ...tags.map((pair): Chip => ["tag", ...pair]),
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
    if (run?.state === "running" && !document.hidden) updateProgress(run);
  }, 1000);

  return { elements: [facts, bar, params], update, dispose: () => clearInterval(clock) };
}

function factsOf(run: RunWithSummary, { step, done, epochs, elapsedMs, leftMs }: Progress): Fact[] {
  const counted = epochs === null ? `${done} done` : `${Math.min(done ?? 0, epochs)} of ${epochs} done`;
  const facts: Fact[] = [["Epochs", done === null ? "–" : counted]];
  if (step !== null) facts.push(["Step", String(step)]);
  facts.push([run.state === "running" ? "Elapsed" : "Took", formatDuration(elapsedMs)]);
  if (leftMs !== null) facts.push(["Left, about", formatDuration(leftMs)]);
  facts.push(["Started", formatMoment(run.started_at)]);
  return facts;
}
