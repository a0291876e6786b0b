import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { type AskedAdjustment, type AuditEntry, lastAdjustments } from "../data/run-events.ts";
import { h, keyed, setAttribute, setText } from "../layout/element.ts";
import { formatShort } from "../layout/format.ts";
import { whoAndWhy } from "./stop-notice.ts";

/** Creates a line for each thing that was to change: who asked for what, why, what came of it. */
export function createAdjustNotices() {
  const element = h("div", { role: "status", "data-testid": "adjusts-asked" });

  return {
    element,
    update(run: RunWithSummary, audit: readonly AuditEntry[]) {
      const isOpen = run.state === "running" || run.state === "lost";
      keyed(
        element,
        lastAdjustments(audit),
        ({ name }) => name,
        () => h("p", { class: "asked" }),
        (line, asked) => {
          setText(line, textOf(asked, isOpen));
          setAttribute(line, "data-answer", asked.answer?.kind ?? "none");
          line.classList.toggle("answered", asked.answer?.kind === "applied" || !isOpen);
        },
      );
    },
  };
}

function textOf(asked: AskedAdjustment, isOpen: boolean): string {
  const { name, value, answer } = asked;
  const what = `${name} ${formatShort(value)}`;
  if (answer?.kind === "applied") return `${name} is ${formatShort(answer.value)}, as asked by ${whoAndWhy(asked)}`;
  const then =
    answer !== null
      ? `Refused: ${answer.why}.`
      : isOpen
        ? "Waiting for the run's next epoch."
        : "The run ended without an answer.";
  return `${what} asked by ${whoAndWhy(asked)} ${then}`;
}
